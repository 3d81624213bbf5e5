"""`liferaft deploy` and `liferaft preview`."""

from pathlib import Path

import click

from liferaft_cli import conduct, opening, options, screen


@click.command()
@options.argument("site")
@options.config
@options.yes
@options.take_over
@options.no_snapshot
@options.as_json
def deploy(
    site: str, *, config_path: Path, yes: bool, take_over: bool, leave_point: bool, as_json: bool
) -> None:
    """Bring SITE to what its program and liferaft.toml describe; again, and nothing changes.

    A site that does not reign is made ready beside the one that does: network, address, bucket.
    Where the reign has no recovery point yet, one is taken afterwards, as by `liferaft snapshot`.

    Example: liferaft deploy aws-east
    """
    conduct.conduct(
        "deploy",
        site,
        config_path=config_path,
        yes=yes,
        as_json=as_json,
        take_over=take_over,
        leave_point=leave_point,
    )


@click.command()
@options.argument("site")
@options.config
@options.as_json
def preview(site: str, *, config_path: Path, as_json: bool) -> None:
    """Say what `deploy SITE` would change at its cloud and in the workload. Touches nothing.

    The account is asked first whether it may run the servers, where its cloud tells that.

    JSON: `changes` (operation → count), `steps` (operation, URN), `workload` and `notes` (what the
    account says of the servers, and what of the vaults is not as it could be; both sentences).

    Example: liferaft preview aws-east
    """
    import asyncio

    from liferaft.moves.allowance import require_allowance
    from liferaft.moves.files import require_files
    from liferaft.moves.former import require_none
    from liferaft.moves.preview import preview as asked
    from liferaft.moves.session import prepare
    from liferaft.moves.vault_findings import findings_of, try_all
    from liferaft.moves.workload_changes import workload_changes

    found = opening.open_configuration(config_path, site)
    plan = prepare("deploy", site, found.config, found.vault).plan
    world = opening.world_for(found, plan)
    require_files(world.site, plan.move)
    asyncio.run(require_none(world.site, plan))
    notes = asyncio.run(require_allowance(world.site, plan))
    notes = (*notes, *(one.sentence for one in findings_of(try_all(world.site))))
    outcome = asyncio.run(asked(world.site, plan))
    workload = asyncio.run(workload_changes(world, plan, values=True))
    screen.show_notes(notes)
    screen.show_changes(site, outcome, as_json=as_json, workload=workload, notes=notes)
