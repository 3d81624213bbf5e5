"""The `liferaft` command: a table of commands, and the one place where errors become exit codes.

Only Click is imported here and at the top of the command modules; rooms are imported inside the
callbacks, so that `liferaft --help` answers at once and loads no cloud's SDK.
"""

import logging
import sys
from collections.abc import Sequence

import click

from liferaft.failures import Failure
from liferaft_cli import bugs, exits
from liferaft_cli.deploy import deploy, preview
from liferaft_cli.destroy import destroy
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


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="liferaft")
def liferaft() -> None:
    """Move a running application to another vendor when its vendor terminates service."""


for _command in COMMANDS:
    liferaft.add_command(_command)
sandbox.add_command(rehearse)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code. Never shows a traceback."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries do not talk to operators,
    logging.captureWarnings(capture=True)  # nor do their warnings to developers
    logging.getLogger("liferaft").handlers = [_Warnings(logging.WARNING)]
    try:
        # Click hands the code of its Exit back; commands themselves return nothing.
        sys.exit(liferaft.main(args=arguments, standalone_mode=False))
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. Run the same command again: it goes on from there.", err=True)
        sys.exit(exits.INTERRUPTED)
    except click.ClickException as usage:
        usage.show()
        sys.exit(usage.exit_code)
    except Failure as failure:
        show_failure(failure)
        sys.exit(exits.code_of(failure))
    except Exception as error:  # noqa: BLE001 - the last resort: a defect is told, not shown
        show_failure(bugs.told(error))
        sys.exit(exits.BUG)


class _Warnings(logging.Handler):
    """What rooms go on in spite of is said as it happens, above the progress."""

    def emit(self, record: logging.LogRecord) -> None:
        click.secho(record.getMessage(), fg="yellow", err=True)


def show_failure(failure: Failure) -> None:
    """Say on stderr what happened, what is safe and what to do."""
    facts = failure.facts
    click.secho(facts.happened, fg="red", bold=True, err=True)
    for name, value in facts.details.items():
        click.echo(f"  {name}: {value}", err=True)
    if facts.safe:
        click.echo(f"Safe: {facts.safe}", err=True)
    if facts.do:
        click.echo(f"Now:  {facts.do}", err=True)
