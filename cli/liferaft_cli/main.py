"""The `liferaft` command: a table of commands, and the one place where errors become exit codes.

`liferaft --help` answers at once: a command's module is imported once the command is called, and
rooms are imported inside the callbacks, so that the help of a command loads no cloud's SDK either.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from liferaft.failures import Failure
from liferaft_cli import exits, process
from liferaft_cli.lazy import LazyCommand, LazyGroup, PluggedCommand

COMMANDS = (
    LazyCommand(
        "blueprint",
        "liferaft_cli.blueprint:blueprint",
        "Write liferaft.toml, the Compose file and the program out of a vault into FOLDER.",
    ),
    LazyCommand(
        "deploy",
        "liferaft_cli.deploy:deploy",
        "Bring SITE to what its program and liferaft.toml describe; again, and nothing changes.",
    ),
    LazyCommand(
        "destroy",
        "liferaft_cli.destroy:destroy",
        "Delete everything that SITE's state knows: servers, bucket, address, network.",
    ),
    LazyCommand(
        "doctor",
        "liferaft_cli.doctor:doctor",
        "Ask every vendor what would stand in the way of a failover to SITE today.",
    ),
    LazyCommand(
        "drill",
        "liferaft_cli.drill:drill",
        "Try a failover to SITE for real, harming nobody: in isolation, proven, and deleted again.",
    ),
    LazyCommand(
        "exec",
        "liferaft_cli.execute:execute",
        "Run COMMAND in the container of SERVICE, and exit with its code.",
    ),
    LazyCommand("failover", "liferaft_cli.failover:failover", "Move the application to SITE."),
    LazyCommand(
        "image",
        "liferaft_cli.image:image",
        "Machine images: servers that boot from one have nothing left to install.",
    ),
    LazyCommand(
        "logs",
        "liferaft_cli.execute:logs",
        "What the container of SERVICE has said, at the site that reigns.",
    ),
    LazyCommand("plan", "liferaft_cli.plan:plan", "Show the plan of MOVE towards SITE."),
    LazyCommand(
        "preview",
        "liferaft_cli.deploy:preview",
        "Say what `deploy SITE` would change at its cloud and in the workload.",
    ),
    LazyCommand(
        "refresh",
        "liferaft_cli.refresh:refresh",
        "Compare SITE's state with its cloud; show the differences, ask, and note them.",
    ),
    LazyCommand(
        "report",
        "liferaft_cli.report:report",
        "Tell what a run did, how long each step took, and what it cost in time and data.",
    ),
    PluggedCommand(
        "sandbox",
        "infra/liferaft_sandbox",
        "Simulated clouds with real hosts, neutral vendors and users, in networks of their own.",
    ),
    LazyCommand(
        "secrets",
        "liferaft_cli.secrets:secrets",
        "The application's own secrets: in every vault, encrypted for the operators.",
    ),
    LazyCommand(
        "snapshot",
        "liferaft_cli.snapshot:snapshot",
        "Take a recovery point of the site that reigns: everything needed to come back elsewhere.",
    ),
    LazyCommand(
        "ssh",
        "liferaft_cli.execute:ssh",
        "A shell as root on SERVER, or COMMAND run there; exits with its code.",
    ),
    LazyCommand(
        "state",
        "liferaft_cli.state:state",
        "Show each site's state: resources, last update, lock, what a kill left, history, copies.",
    ),
    LazyCommand(
        "status",
        "liferaft_cli.status:status",
        "Say which site reigns, what would be lost if it were gone now, and what to do.",
    ),
)

EPILOG = "Exit codes: " + "; ".join(f"{code} {text}" for code, text in exits.MEANINGS.items())


class Commands(LazyGroup):
    """The commands of the table, and those that other packages plug in."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _plugged(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Click ends silently on any broken pipe, of whatever library: it is told here instead."""
        from liferaft_cli import logs

        import_module("liferaft_cli.bugs")  # a defect may be that no further file can be opened
        logs.direct()
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise RuntimeError("a pipe or a connection broke") from error


def _plugged(name: str) -> click.Command | None:
    from liferaft_cli import plugged

    return plugged.find(name)


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="liferaft")
def liferaft() -> None:
    """Move a running application to another vendor when its vendor terminates service."""


for _command in COMMANDS:
    liferaft.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code. Never shows a traceback.

    Without arguments: those of this process, which is the command's own, and ends with it.
    """
    if arguments is not None:
        sys.exit(_code(arguments))
    process.secure()
    process.leave(_code(None))


def _code(arguments: Sequence[str] | None) -> int:
    try:
        # Click hands the code of its Exit back; commands themselves return nothing.
        code = liferaft.main(args=arguments, standalone_mode=False, color=process.colour())
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
        from liferaft_cli import bugs

        show_failure(bugs.report(error))
        code = exits.BUG
    return code if isinstance(code, int) else 0 if code is None else exits.FAILED


def show_failure(failure: Failure) -> None:
    """Say on stderr what happened, what is safe and what to do."""
    facts = failure.facts
    click.secho(facts.happened, fg="red", bold=True, err=True, color=process.colour())
    for name, value in facts.details.items():
        click.echo(f"  {name}: {value}", err=True)
    if facts.safe:
        click.echo(f"Safe: {facts.safe}", err=True)
    if facts.do:
        click.echo(f"Now:  {facts.do}", err=True)
