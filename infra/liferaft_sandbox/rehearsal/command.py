"""`liferaft sandbox rehearse`: the product in one command."""

import json
import os
import secrets
import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import options
from liferaft_sandbox.host_system import system_option
from liferaft_sandbox.latency import latency_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liferaft_sandbox.sandboxes import Sandbox


@click.command()
@options.option("--seed", type=int, help="Decides the moment of the termination; random without.")
@options.option("--from", "primary", default="aws-east", show_default=True, help="Where it begins.")
@options.option("--to", "standby", default="hetzner", show_default=True, help="Who takes over.")
@options.option(
    "--ttl",
    type=click.IntRange(10, 600),
    default=60,
    show_default=True,
    help="Seconds that resolvers remember the name for.",
)
@options.option("--story", "name", default="usual", show_default=True, help="What happens.")
@latency_option
@system_option
@options.option("--in", "inside", metavar="NAME", help="Play in that sandbox, and clear up after.")
@options.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("stacks/liferaft_stacks/microblog"),
    show_default=True,
    help="The application: its Pulumi program, Compose file and liferaft.toml.",
)
@options.option(
    "--image",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path("build/chirp.oci.tar"),
    show_default=True,
    help="The application's image.",
)
@options.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/rehearsal"),
    show_default=True,
    help="Where report.json, records and logs go.",
)
def rehearse(
    *,
    seed: int | None,
    primary: str,
    standby: str,
    ttl: int,
    name: str,
    latency: float,
    system: str,
    inside: str | None,
    project: Path,
    image: Path,
    folder: Path,
) -> None:
    """Bring up the clouds, deploy, let users in, terminate one cloud, fail over, tell the truth.

    Stories: usual, deploy, second, release, back, reboot, restart, vault, server, main-dead,
    depot-dead, main-falls (docs/commands.md). Sites: aws-east, gcp, hetzner, colo. Exits 0 only if
    every promise was kept. The whole account is in REPORT/report.json.

    Example: liferaft sandbox rehearse --from gcp --to colo --seed 7
    """
    from liferaft_sandbox.rehearsal.operator import Operator
    from liferaft_sandbox.rehearsal.play import EVIDENCE, play
    from liferaft_sandbox.rehearsal.scene import Pair, Scene, asked_for, set_scene
    from liferaft_sandbox.rehearsal.screen import show
    from liferaft_sandbox.rehearsal.stage import Stage, clear, make_ready
    from liferaft_sandbox.rehearsal.stories import story_named, visited
    from liferaft_sandbox.rehearsal.verdict import report

    seed = secrets.randbelow(2**31) if seed is None else seed
    pair, story = Pair(primary, standby), story_named(name)
    scene = Scene(pair, ttl=ttl, image=image.name, app_servers=story.app_servers)
    places = visited(story, pair)
    if inside is not None:  # others may have played there: a vault of its own
        scene = replace(scene, vault_bucket=f"{scene.vault_bucket}-{name}-{pair.name}-{seed}")
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in ("report.json", "operator.log"):
        (folder / earlier).unlink(missing_ok=True)
    shutil.rmtree(folder / EVIDENCE, ignore_errors=True)
    with _sandbox(inside, latency, system) as sandbox:
        scene = replace(scene, system=asked_for(sandbox.facts["system"]))
        operator = Operator(
            liferaft=(sys.executable, "-m", "liferaft_cli"),
            sandbox=sandbox.state.name,
            folder=set_scene(project, image, folder, scene),
            log=folder / "operator.log",
            say=_say,
        )
        stage = Stage(sandbox, operator, folder, _say, scene)
        make_ready(stage, places[1:])
        found = report(play(stage, seed, story))
        if inside is not None:
            clear(stage, places)
    of_the_sandbox = {one: sandbox.facts[one] for one in ("system", "latency_ms")}
    found = {"story": name, "from": primary, "to": standby, **of_the_sandbox, **found}
    (folder / "report.json").write_text(json.dumps(found, indent=2) + "\n")
    show(found)
    if not found["succeeded"]:
        raise click.exceptions.Exit(1)


@contextmanager
def _sandbox(name: str | None, latency: float, system: str) -> "Iterator[Sandbox]":
    """The sandbox of that name, whatever its hosts run, or a fresh one that ends with the block."""
    from liferaft.failures import BadInput
    from liferaft_sandbox.lab.systems import system_named
    from liferaft_sandbox.sandboxes import bring_up, find, take_down
    from liferaft_sandbox.state import cache_folder, state_of

    if name is not None:
        if latency:
            raise BadInput(
                f"How far places of the sandbox {name} are apart was decided when it came up.",
                safe="Nothing was done.",
                do="Leave --latency out, or bring one up with `liferaft sandbox up --latency`.",
            )
        yield find(state_of(name))
        return
    state = state_of(f"rehearsal-{secrets.token_hex(4)}")
    fresh = bring_up(
        state,
        cache=cache_folder(),
        say=_say,
        dies_with=[os.getpid()],
        latency=latency,
        system=system_named(system),
    )
    try:
        yield fresh
    finally:
        take_down(state)


def _say(line: str) -> None:
    click.echo(line, err=True)
