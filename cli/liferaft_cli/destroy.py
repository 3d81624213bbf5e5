"""`liferaft destroy`: delete a site's infrastructure."""

from pathlib import Path

import click

from liferaft_cli import conduct, options


@click.command()
@click.argument("site")
@options.config
@options.yes
@options.take_over
@options.as_json
def destroy(site: str, *, config_path: Path, yes: bool, take_over: bool, as_json: bool) -> None:
    """Delete everything that SITE's state knows: servers, bucket, address, network.

    What lies in the vaults stays.

    Example: liferaft destroy hetzner
    """
    conduct.conduct(
        "destroy", site, config_path=config_path, yes=yes, as_json=as_json, take_over=take_over
    )
