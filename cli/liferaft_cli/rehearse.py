"""`liferaft sandbox rehearse`: the product in one command."""

import json
import os
import secrets
import sys
from pathlib import Path

import click


@click.command()
@click.option("--seed", type=int, help="Decides the moment of the termination; random without.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("stacks/liferaft_stacks/microblog"),
    show_default=True,
    help="The application: its Pulumi program, Compose file and liferaft.toml.",
)
@click.option(
    "--image",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path("build/chirp.oci.tar"),
    show_default=True,
    help="The application's image.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/rehearsal"),
    show_default=True,
    help="Where report.json, records and logs go.",
)
def rehearse(seed: int | None, project: Path, image: Path, folder: Path) -> None:
    """Bring up two clouds, deploy, let users in, terminate one cloud, fail over, tell the truth.

    Exits 0 only if every promise was kept. The whole account is in REPORT/report.json.

    Example: liferaft sandbox rehearse --seed 7
    """
    from liferaft.sandbox.rehearsal.operator import Operator
    from liferaft.sandbox.rehearsal.play import Stage, play, set_scene
    from liferaft.sandbox.rehearsal.verdict import report
    from liferaft.sandbox.sandboxes import bring_up, take_down
    from liferaft.sandbox.state import cache_folder, state_of
    from liferaft_cli.rehearsal_screen import show

    seed = secrets.randbelow(2**31) if seed is None else seed
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in ("report.json", "operator.log"):
        (folder / earlier).unlink(missing_ok=True)
    state = state_of(f"rehearsal-{secrets.token_hex(4)}")
    sandbox = bring_up(state, cache=cache_folder(), say=_say, dies_with=[os.getpid()])
    try:
        operator = Operator(
            liferaft=(sys.executable, "-m", "liferaft_cli"),
            sandbox=state.name,
            folder=set_scene(project, image, folder),
            log=folder / "operator.log",
            say=_say,
        )
        found = report(play(Stage(sandbox, operator, folder, _say), seed))
    finally:
        take_down(state)
    (folder / "report.json").write_text(json.dumps(found, indent=2) + "\n")
    show(found)
    if not found["succeeded"]:
        raise click.exceptions.Exit(1)


def _say(line: str) -> None:
    click.echo(line, err=True)
