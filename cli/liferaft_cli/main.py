"""The `liferaft` command: a table of commands, and the one place where errors become exit codes.

Only Click is imported here and at the top of the command modules; rooms are imported inside the
callbacks, so that `liferaft --help` answers at once and loads no cloud's SDK.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Any

import click

from liferaft.failures import Failure
from liferaft_cli import bugs, exits, process, screen
from liferaft_cli.deploy import deploy, preview
from liferaft_cli.destroy import destroy
from liferaft_cli.execute import execute
from liferaft_cli.failover import failover
from liferaft_cli.image import image
from liferaft_cli.plan import plan
from liferaft_cli.refresh import refresh
from liferaft_cli.rehearse import rehearse
from liferaft_cli.report import report
from liferaft_cli.sandbox import sandbox
from liferaft_cli.snapshot import snapshot
from liferaft_cli.state import state
from liferaft_cli.status import status

COMMANDS: tuple[click.Command, ...] = (
    deploy,
    destroy,
    execute,
    failover,
    image,
    plan,
    preview,
    refresh,
    report,
    sandbox,
    snapshot,
    state,
    status,
)

EPILOG = "Exit codes: " + "; ".join(f"{code} {text}" for code, text in exits.MEANINGS.items())


class Commands(click.Group):
    """Click ends silently on any broken pipe, of whatever library: it is told here instead."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise RuntimeError("a pipe or a connection broke") from error


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="liferaft")
def liferaft() -> None:
    """Move a running application to another vendor when its vendor terminates service."""


for _command in COMMANDS:
    liferaft.add_command(_command)
sandbox.add_command(rehearse)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code. Never shows a traceback.

    Without arguments: those of this process, which is the command's own, and ends with it.
    """
    if arguments is not None:
        sys.exit(_code(arguments))
    process.secure()
    process.leave(_code(None))


def _code(arguments: Sequence[str] | None) -> int:
    logging.getLogger().addHandler(logging.NullHandler())  # libraries do not talk to operators,
    logging.captureWarnings(capture=True)  # nor do their warnings to developers
    logging.getLogger("liferaft").handlers = [_Warnings(logging.WARNING)]
    try:
        # Click hands the code of its Exit back; commands themselves return nothing.
        code = liferaft.main(args=arguments, standalone_mode=False, color=screen.colour())
    except SystemExit as ended:  # with the code of a command that this one ran
        code = ended.code
    except process.ReaderGone:
        code = exits.FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. Run the same command again: it goes on from there.", err=True)
        code = exits.INTERRUPTED
    except click.ClickException as usage:
        usage.show()
        code = usage.exit_code
    except Failure as failure:
        show_failure(failure)
        code = exits.code_of(failure)
    except Exception as error:  # noqa: BLE001 - the last resort: a defect is told, not shown
        show_failure(bugs.told(error))
        code = exits.BUG
    return code if isinstance(code, int) else 0 if code is None else exits.FAILED


class _Warnings(logging.Handler):
    """What rooms go on in spite of is said as it happens, above the progress."""

    def emit(self, record: logging.LogRecord) -> None:
        click.secho(record.getMessage(), fg="yellow", err=True, color=screen.colour())


def show_failure(failure: Failure) -> None:
    """Say on stderr what happened, what is safe and what to do."""
    facts = failure.facts
    click.secho(facts.happened, fg="red", bold=True, err=True, color=screen.colour())
    for name, value in facts.details.items():
        click.echo(f"  {name}: {value}", err=True)
    if facts.safe:
        click.echo(f"Safe: {facts.safe}", err=True)
    if facts.do:
        click.echo(f"Now:  {facts.do}", err=True)
