"""`liferaft secrets rotate`: a new value in the place of one that somebody may know."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft.failures import BadInput
from liferaft_cli import opening, options, secrets_given
from liferaft_cli.running import interruptible

if TYPE_CHECKING:
    from liferaft.secrets import KeptSecrets
    from liferaft.site.site import Site
    from liferaft_cli.opening import Opened


@click.command("rotate")
@options.argument("name")
@secrets_given.file
@options.config
@options.take_over
def rotate(name: str, *, file: Path | None, config_path: Path, take_over: bool) -> None:
    """Give secret NAME a new value: drawn, where liferaft.toml says `generate`, else as `set`.

    The services that are told it have it with the next deploy; until then they have the old one.
    `database-password` is the database's: the next deploy sets it in PostgreSQL right before it
    starts the services with it.

    Example: liferaft secrets rotate APP_KEY
    """
    import asyncio

    from liferaft.config.app_secrets import DATABASE_PASSWORD
    from liferaft.moves.secret_changes import change_secrets
    from liferaft.secrets.drawing import draw
    from liferaft.site.own_secrets import keeper_of

    found = opening.open_configuration(config_path)
    site = opening.site_at(found, found.config.primary, asks_cloud=False)
    if name == DATABASE_PASSWORD:
        _require_own(found)
        _rotate_database_password(site, file, take_over=take_over)
        return
    secrets_given.require_declared(found.config, name)
    declared = found.config.secrets[name]
    is_drawn = declared.generate is not None and file is None
    value = draw(declared) if is_drawn else secrets_given.value_of(found.config, name, file)

    def change(before: "KeptSecrets") -> "KeptSecrets":
        return before.with_own(name, value, keeper_of(site).says(is_generated=is_drawn))

    work = change_secrets(site, f"secrets rotate {name}", change, take_over=take_over)
    kept = asyncio.run(interruptible(work))
    secrets_given.tell_changed(found, name, kept)


def _require_own(found: "Opened") -> None:
    """Raise BadInput where the database takes the place of a service: the Compose file says the
    password."""
    from liferaft.compose.secret_marks import names_in
    from liferaft.data.postgres.binding import asked_by_file

    asked = asked_by_file(found.config)
    if asked is None:
        return
    secrets = names_in(asked.password)
    service, path = asked.names[0], found.config.app.compose.name
    rotate = " and ".join(f"`liferaft secrets rotate {one}`" for one in secrets)
    where = f"Run {rotate}" if secrets else f"Change it where {path} has it from (.env, a file)"
    raise BadInput(
        f"The database's password is what service {service} of {path} says, and none of liferaft's",
        safe="Nothing was changed.",
        do=f"{where}, then `liferaft deploy` of the site that reigns: that sets it in PostgreSQL "
        "right before it starts the services with it.",
    )


def _rotate_database_password(site: "Site", file: Path | None, *, take_over: bool) -> None:
    import asyncio

    from liferaft.moves.secret_changes import change_secrets
    from liferaft.site.own_secrets import keeper_of

    if file is not None:
        raise click.UsageError("liferaft draws the database's password: leave --file out.")
    said = keeper_of(site).says(is_generated=True)
    work = change_secrets(
        site,
        "secrets rotate database-password",
        lambda before: before.with_database_password(said),
        take_over=take_over,
    )
    kept = asyncio.run(interruptible(work))
    click.secho(f"A new password is kept (change {kept.told.number}).", fg="green", err=True)
    click.echo(
        "The database has the old one until `liferaft deploy` of the site that reigns: that sets "
        "it in PostgreSQL and starts the services with it.",
        err=True,
    )
