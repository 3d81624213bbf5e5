"""`liferaft image`: machine images with everything installed, from which a site's servers boot."""

from pathlib import Path

import click

from liferaft_cli import conduct, exits, opening, options, screen


@click.group()
def image() -> None:
    """Machine images: servers that boot from one have nothing left to install."""


@image.command("build")
@options.argument("site")
@options.config
@options.yes
@options.take_over
@options.as_json
def build(site: str, *, config_path: Path, yes: bool, take_over: bool, as_json: bool) -> None:
    """Build a machine image at SITE's cloud: new servers of SITE boot from it from then on.

    A small server is started there, packages are installed, its disk is kept, and it is deleted.
    Build a new image now and then: it has the packages of its day.

    Example: liferaft image build hetzner
    """
    conduct.conduct(
        "image", site, config_path=config_path, yes=yes, as_json=as_json, take_over=take_over
    )


@image.command("delete")
@options.argument("site")
@options.config
@options.yes
def delete(site: str, *, config_path: Path, yes: bool) -> None:
    """Delete the machine image of SITE; its new servers boot from the cloud's own Debian again.

    A server that a killed build left goes, too.

    Example: liferaft image delete hetzner
    """
    import asyncio

    from liferaft.moves.builder import leave_nothing
    from liferaft.moves.facts import require_site
    from liferaft.site.machine_images import delete_machine_images, require_machine_images

    found = opening.open_configuration(config_path)
    require_site(found.config, site)
    require_machine_images(found.config, site)
    if not screen.ask(f"Delete the machine image of {site}?", yes=yes):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    at = opening.site_at(found, site)
    gone = asyncio.run(delete_machine_images(at))
    left = asyncio.run(leave_nothing(at, 0))
    said = f"Deleted: {', '.join(gone)}." if gone else f"{site} has no machine image."
    if left:
        click.echo(left, err=True)
    click.echo(f"{said} New servers of {site} boot from the cloud's own Debian.", err=True)
