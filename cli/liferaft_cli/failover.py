"""`liferaft failover`: the emergency command."""

from pathlib import Path

import click

from liferaft_cli import conduct, options


@click.command()
@options.argument("site")
@options.config
@options.yes
@options.point
@options.at
@options.vault_as_of
@options.lose_from
@options.take_over
@options.no_snapshot
@options.as_json
def failover(
    site: str,
    *,
    config_path: Path,
    yes: bool,
    point: str | None,
    moment: str | None,
    vault_moment: str | None,
    lose_from: str | None,
    take_over: bool,
    leave_point: bool,
    as_json: bool,
) -> None:
    """Move the application to SITE. The primary is not asked for anything.

    Shows the plan first, and asks. Interrupted or killed, the same command goes on. When it is
    done, a recovery point of the new reign is taken, as by `liferaft snapshot`.

    With --at, for the day when the data went bad and not the vendor: the database comes back as of
    that moment, from the newest recovery point before it, and all that was written to it since is
    dropped. Buckets come back as of then too, as far as vaults have kept what was deleted since.

    With --vault-as-of, for the day when somebody had a vault's key: everything that was overwritten
    or deleted there since comes back first, and what came since is hidden. No version of anything
    is destroyed. The plan says how many objects that are, before you are asked.

    Example: liferaft failover hetzner
    """
    conduct.conduct(
        "failover",
        site,
        config_path=config_path,
        yes=yes,
        as_json=as_json,
        take_over=take_over,
        point=point,
        moment=moment,
        vault_moment=vault_moment,
        leave_point=leave_point,
        lose_from=lose_from,
    )
