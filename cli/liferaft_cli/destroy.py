"""`liferaft destroy`: delete a site's infrastructure."""

from pathlib import Path

import click

from liferaft_cli import conduct, options


@click.command()
@options.argument("site")
@options.option(
    "--site-that-reigns",
    "named",
    metavar="NAME",
    help="SITE once more, for one that reigns: --yes alone does not destroy it.",
)
@options.option(
    "--servers",
    "clear",
    is_flag=True,
    help="Only what SITE has from a reign that is over; it is made ready again.",
)
@options.config
@options.yes
@options.take_over
@options.as_json
def destroy(
    site: str,
    *,
    named: str | None,
    clear: bool,
    config_path: Path,
    yes: bool,
    take_over: bool,
    as_json: bool,
) -> None:
    """Delete everything that SITE's state knows: servers, bucket, address, network.

    The bucket goes with all that is in it. First the app's name leaves SITE's address at every DNS
    vendor, and the record's TTL is waited out; where a vendor does not answer nothing is deleted.

    What lies in the vaults stays. Of the site that reigns its name has to be typed, or given with
    --site-that-reigns: it holds the newest data.

    With --servers, of a site that does not reign: its servers and its bucket, as they were when it
    reigned; network and address stay. Then it is ready for a failover again.

    Example: liferaft destroy hetzner
    """
    if named is not None and clear:
        raise click.UsageError("--site-that-reigns is for a site that reigns, --servers is not.")
    if named is not None and named != site:
        raise click.UsageError(
            f"--site-that-reigns names {named}, and what would be destroyed is {site}."
        )
    conduct.conduct(
        "clear" if clear else "destroy",
        site,
        config_path=config_path,
        yes=yes,
        as_json=as_json,
        take_over=take_over,
        named=named,
    )
