"""`liferaft sandbox`: a world to rehearse in, on this machine: clouds, vendors, users, an operator.

Documented shapes of `--json` (stdout): `status` prints the sandbox's facts and the state of every
host; `counters` prints cloud → source → part (api, bucket, hosts) → {"packets", "new"}.
"""

import json
import os
import secrets
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from liferaft_cli import options
from liferaft_cli.lazy import LazyCommand, LazyGroup
from liferaft_sandbox.host_system import system_option
from liferaft_sandbox.latency import latency_option

if TYPE_CHECKING:
    from liferaft_sandbox.sandboxes import Sandbox

CLOUDS = ("aws", "gcp", "hetzner", "colo")
PLACES = ("operator", "users", *CLOUDS, "neutral", "depot")
VAULTS = ("main", "depot")

_name = options.option(
    "--name",
    default="default",
    show_default=True,
    envvar="LIFERAFT_SANDBOX",
    help="Which sandbox; inside one, that one.",
)
_command = options.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)


@click.group(cls=LazyGroup)
def sandbox() -> None:
    """Simulated clouds with real hosts, neutral vendors and users, in networks of their own."""


sandbox.add_command(
    LazyCommand(
        "rehearse",
        "liferaft_sandbox.rehearsal.command:rehearse",
        "Bring up the clouds, deploy, let users in, terminate one cloud, fail over, tell the "
        "truth.",
    )
)


@sandbox.command()
@_name
@latency_option
@system_option
def up(name: str, *, latency: float, system: str) -> None:
    """Bring a sandbox up; it stays until `down`.

    Example: liferaft sandbox up && liferaft sandbox exec operator -- liferaft deploy aws-east
    """
    from liferaft_sandbox.lab.systems import system_named
    from liferaft_sandbox.sandboxes import bring_up
    from liferaft_sandbox.state import cache_folder, state_of

    state, runs = state_of(name), system_named(system)
    found = bring_up(state, cache=cache_folder(), say=_say, latency=latency, system=runs)
    _say(f"sandbox {name}: up after {found.facts['up_seconds']} s")


@sandbox.command()
@_name
def down(name: str) -> None:
    """End a sandbox and leave nothing of it behind.

    Example: liferaft sandbox down
    """
    from liferaft_sandbox.sandboxes import take_down
    from liferaft_sandbox.state import state_of

    take_down(state_of(name))
    _say(f"sandbox {name}: gone")


@sandbox.command("exec", context_settings={"ignore_unknown_options": True})
@_name
@options.argument("place", type=click.Choice(PLACES))
@_command
def execute(name: str, place: str, command: Sequence[str]) -> None:
    """Run a command in a place: its network, resolver and credentials; files stay the same.

    Example: liferaft sandbox exec users -- curl https://chirp.test/
    """
    sys.exit(_run_in(_find(name), place, command))


@sandbox.command(context_settings={"ignore_unknown_options": True})
@latency_option
@system_option
@_command
def run(command: Sequence[str], *, latency: float, system: str) -> None:
    """Bring a fresh sandbox up, run a command in the operator's place, take the sandbox down.

    The sandbox also ends when this command or its parent dies. Exits with the command's code.

    Example: liferaft sandbox run -- liferaft deploy aws-east --yes
    """
    from liferaft_sandbox.lab.systems import system_named
    from liferaft_sandbox.sandboxes import bring_up, take_down
    from liferaft_sandbox.state import cache_folder, state_of

    state = state_of(f"run-{secrets.token_hex(4)}")
    watched = [process for process in (os.getpid(), os.getppid()) if process > 0]
    fresh = bring_up(
        state,
        cache=cache_folder(),
        say=_say,
        dies_with=watched,
        latency=latency,
        system=system_named(system),
    )
    try:
        code = _run_in(fresh, "operator", command)
    finally:
        take_down(state)
    sys.exit(code)


@sandbox.command()
@_name
@options.argument("cloud", type=click.Choice(CLOUDS))
def terminate(name: str, cloud: str) -> None:
    """Let a cloud drop its customer: APIs refuse, networks are cut, hosts run on behind the cut.

    Colo has no API: it takes its machines back, with everything on them. Packet counters start
    again at zero.

    Example: liferaft sandbox terminate aws
    """
    _find(name).supervisor.terminate(cloud)
    _say(f"{cloud}: terminated, network cut")


@sandbox.command()
@_name
@options.argument("cloud", type=click.Choice(CLOUDS))
def reinstate(name: str, cloud: str) -> None:
    """Let a cloud take its customer back: APIs answer, networks are whole again.

    Hosts are as they were; colo installs its machines anew.

    Example: liferaft sandbox reinstate aws
    """
    _find(name).supervisor.reinstate(cloud)
    _say(f"{cloud}: reinstated")


@sandbox.command()
@_name
@options.argument("service")
def kill(name: str, service: str) -> None:
    """Let a vendor's service die, such as mirror, or a vault: main or depot.

    Whoever asks it is refused at once. `status` lists all services.

    Example: liferaft sandbox kill main
    """
    _find(name).supervisor.kill(service)
    _say(f"{service}: dead")


@sandbox.command()
@_name
@options.argument("service")
def revive(name: str, service: str) -> None:
    """Start a service that was killed; what it held is there.

    Example: liferaft sandbox revive mirror
    """
    _find(name).supervisor.revive(service)
    _say(f"{service}: healthy")


@sandbox.command()
@_name
@options.argument("vault", type=click.Choice(VAULTS))
def cut(name: str, vault: str) -> None:
    """Let a vault fall silent: whoever asks its store waits in vain. It runs on.

    Example: liferaft sandbox cut depot
    """
    _find(name).supervisor.cut(vault)
    _say(f"vault {vault}: cut off")


@sandbox.command()
@_name
@options.argument("vault", type=click.Choice(VAULTS))
def mend(name: str, vault: str) -> None:
    """End the silence of a vault that was cut off.

    Example: liferaft sandbox mend depot
    """
    _find(name).supervisor.mend(vault)
    _say(f"vault {vault}: reached again")


@sandbox.command()
@_name
@options.option("--json", "as_json", is_flag=True, help="For machines, on stdout.")
def counters(name: str, *, as_json: bool) -> None:
    """Show what was sent towards each cloud since the start or the last `terminate`.

    `new` counts packets that open something (requests); `packets` counts every packet.

    Example: liferaft sandbox counters --json
    """
    counted = _find(name).supervisor.counters()
    if as_json:
        click.echo(json.dumps(counted, indent=2))
        return
    for cloud, sources in counted.items():
        for source, parts in sources.items():
            for part, count in parts.items():
                click.echo(
                    f"{source:>8} → {cloud} {part:<6}  {count['new']:>8} new {count['packets']:>8}"
                )


@sandbox.command()
@_name
@options.option("--json", "as_json", is_flag=True, help="For machines, on stdout.")
def status(name: str, *, as_json: bool) -> None:
    """Show a sandbox's addresses, files and hosts.

    Example: liferaft sandbox status
    """
    found = _find(name)
    hosts = {cloud: found.supervisor.states(cloud) for cloud in CLOUDS}
    if as_json:
        click.echo(json.dumps({**found.facts, "hosts": hosts}, indent=2))
        return
    for key, value in found.facts.items():
        click.echo(f"{key}: {value if isinstance(value, str) else json.dumps(value)}")
    for cloud, states in hosts.items():
        for machine, state in states.items():
            click.echo(f"host {machine} at {cloud}: {state}")


def _find(name: str) -> "Sandbox":
    from liferaft_sandbox.sandboxes import find
    from liferaft_sandbox.state import state_of

    return find(state_of(name))


def _run_in(found: "Sandbox", place: str, command: Sequence[str]) -> int:
    from liferaft_sandbox.lab.entering import run_in_place

    return run_in_place(place, command, lab=found.lab, state=found.state, inherited=os.environ)


def _say(line: str) -> None:
    click.echo(line, err=True)
