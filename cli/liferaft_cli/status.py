"""`liferaft status`: who reigns, since when, what can be restored, what is under way."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liferaft_cli import (
    holdings_told,
    keys_told,
    looking,
    opening,
    options,
    vaults_told,
    watching,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from liferaft.data.postgres.disk import DatabaseDisk
    from liferaft.evidence.loss import Loss
    from liferaft.evidence.standing import Standing
    from liferaft.vault.tried import VaultFinding, VaultTried

_GIB = 1024**3


@click.command()
@options.option("--cloud", is_flag=True, help="Ask the sites' clouds what they hold of ours.")
@options.option("--site", "sites", multiple=True, help="Of these sites only; with --cloud.")
@options.option("--disk", is_flag=True, help="Ask the database's server how long its disk lasts.")
@options.option("--check", is_flag=True, help="Print one line, and exit as Nagios' plugins do.")
@options.option("--prometheus", is_flag=True, help="Print Prometheus' text.")
@options.option(
    "--point-age",
    callback=watching.read_age,
    help="With --check: how old the newest point may be; 26h without.",
)
@options.option(
    "--archive-age",
    callback=watching.read_age,
    help="With --check: how old the archive may be; 5m without.",
)
@options.config
@options.as_json
def status(
    *,
    cloud: bool,
    sites: tuple[str, ...],
    disk: bool,
    check: bool,
    prometheus: bool,
    point_age: "timedelta | None",
    archive_age: "timedelta | None",
    config_path: Path,
    as_json: bool,
) -> None:
    """Say which site reigns, what would be lost if it were gone now, and what to do.

    Asks the vaults, and the servers of the site that reigns for what no vault has yet: for eight
    seconds at most; what they do not say is told as not known. How long it takes to be back is
    reckoned from trials (`liferaft snapshot verify`) and from earlier moves.

    With --disk: also the server of the database that reigns, for what its disk has left, and for
    vaults that its archive goes on without. While a vault does not take WAL, it stays on that disk
    until the vault is taken out, or the disk is full.

    What each vault's keys may do, and what its store keeps, is tried by `liferaft deploy`: this
    tells what came of it last, and how old that is, and tries nothing.

    With --check, for watchers such as Nagios: one line, and the exit code 0 for OK, 1 for WARNING
    (one vault of several lags or is silent, a run is unfinished, a drill is overdue, a job of a
    schedule did not go well or was missed), 2 for
    CRITICAL (in no vault is a point or the archive younger than it has to be, or nothing serves), 3
    for UNKNOWN. With --prometheus: the same as moments, in Prometheus' text.

    With --cloud: also everything at the sites' clouds that carries our labels, and which of it no
    state knows. A cloud that cannot be asked is told as such.

    JSON: `epoch`, `site`, `since`, `destroyed_at`, `newest_point`, `point_epoch`, `archived_until`,
    `verified_point`, `verified_at`, `verified_seconds` (each may be null), `unfinished` (names of
    runs), `damaged` and `advice` (sentences), `vaults` (in the order in which they are used:
    `vault`, `leads`, `answers`, `is_complete`, `away_since` and `why`, null of a complete one,
    `left`: records to bring, null where it does not answer), `findings` (what is not as it could be
    at a vault: `vault`, `happened`, `do`), `tried` (what came of trying each vault last: `vault`,
    `at`, `pairs`, `keeps_versions`, `lock`, `holds`, `findings`), `not_in` (which vaults lack what
    of the newest point; sentences), `seen` (`vault`, `point`, `verified`, `archived` by data set,
    `past`: points that `keep` does not keep, `trouble`), `loss` (null where nothing reigns):
    `provider`, `data`
    (`kind`, `name`, `seconds`, `bytes`, `objects`, each null where it is not known,
    `by_vaults_alone`, `trouble`, `vaults`), `back` (`seconds`, `error`, null where not measured
    yet; `pieces`), `drills` (`site`, `data_only`: of its data, `good`: when the newest drill began
    that came back, `overdue`: from when on the next one is, each null where there is none;
    `is_overdue`), `app_servers` (where a site has several for its users: `server`, `is_well`, null
    where nobody could ask, `said`), `jobs` (those of a schedule: `name`, `server`, `schedule`,
    `next`, `last`: null or `outcome`, `began`, `ended`, `why` and `said`, its last lines; `runs`,
    `is_timed`, `missed`, `trouble`);
    with --cloud also `clouds`: `site`, `cloud`, `account`, `things` (kind, id, name, epoch, known),
    `run` (one at this site that has not ended, or null: what is not known may be its own),
    `trouble` (null, or `happened`, `safe`, `do`, `details`); with --disk also `disk`: `server`,
    `free` (bytes), `waiting` (files of WAL), `lasts_seconds` (null while the archive keeps up),
    `vaults` (what is to be said of those that are not whole), `trouble`; null before a first
    deploy. `unproved`: operators who never proved to open the secrets.

    Example: liferaft status --cloud
    """
    if sites and not cloud:
        raise click.UsageError("--site goes with --cloud.")
    if (point_age or archive_age) and not check:
        raise click.UsageError("--point-age and --archive-age go with --check.")
    if (check or prometheus) and (cloud or disk or as_json or (check and prometheus)):
        raise click.UsageError("--check and --prometheus go with no other way to tell.")
    if check:
        watching.check(config_path, point_age, archive_age)
    if prometheus:
        watching.print_prometheus(config_path)
        return
    opened = opening.open_configuration(config_path)
    looked, findings, tried = _look(opened)
    unproved = _unproved(opened)
    found = looked.standing
    space = _disk(opened, found) if disk else None
    holdings = holdings_told.ask(opened, sites) if cloud else []
    if as_json:
        shape = _shape(looked, findings, tried) | {"unproved": list(unproved)}
        shape |= {"disk": space and asdict(space)} if disk else {}
        shape |= {"clouds": [asdict(one) for one in holdings]} if cloud else {}
        click.echo(json.dumps(shape, indent=2))
        return
    _tell_standing(looked, findings, keys_told.lines(tried, opened, looked), unproved)
    if space is not None:
        click.echo(f"Disk of the database on {space.server}: {_space(space)}")
        for sentence in space.vaults:
            click.echo(f"Archive of the database: {sentence}.")
    for one in holdings:
        holdings_told.tell(one, serves=found.site == one.site and not found.destroyed_at)


def _look(
    opened: opening.Opened,
) -> "tuple[looking.Looked, Sequence[VaultFinding], Sequence[VaultTried]]":
    """What the stores tell of themselves and what was noted of them is asked for meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    from liferaft.vault.tried import last_tried

    with ThreadPoolExecutor(2) as beside:
        findings = beside.submit(opening.vault_findings, opened)
        tried = beside.submit(last_tried, opened.vault)
        return looking.look(opened), findings.result(), tried.result()


def _unproved(opened: opening.Opened) -> "Sequence[str]":
    """Operators who never proved it; none where secrets were never changed, or cannot be read."""
    from liferaft.failures import Failure
    from liferaft.secrets import SecretsChain

    try:
        told = SecretsChain(opened.vault).told()
    except Failure as failure:
        click.echo(f"DAMAGED: {failure}", err=True)
        return ()
    return told.unproved if told else ()


def _shape(
    looked: looking.Looked, findings: "Sequence[VaultFinding]", tried: "Sequence[VaultTried]"
) -> dict[str, Any]:
    return asdict(looked.standing) | {
        "findings": [asdict(one) for one in findings],
        "tried": [asdict(one) for one in tried],
        "seen": [vaults_told.as_json(one) for one in looked.watched.vaults],
        "loss": looked.loss and looked.loss.to_json(),
        "drills": [one.to_json(looked.watched.at) for one in looked.drills],
        "app_servers": [asdict(one) for one in looked.app_servers],
        "jobs": [one.to_json() for one in looked.jobs],
    }


def _disk(opened: opening.Opened, found: "Standing") -> "DatabaseDisk | None":
    """Of the site that reigns; None before there is one, and after it was destroyed."""
    import asyncio

    from liferaft.data.postgres.disk import database_disk

    if found.site is None or found.destroyed_at is not None:
        return None
    click.echo(f"asking the database's server of {found.site} …", err=True)
    return asyncio.run(database_disk(opening.world_of_epoch(opened, found.site)))


def _space(space: "DatabaseDisk") -> str:
    if space.trouble is not None or space.free is None:
        return f"NOT KNOWN: {space.trouble.happened if space.trouble else 'nothing was told'}"
    free = f"{space.free / _GIB:.1f} GiB free"
    if space.lasts_seconds is None:
        return f"{free}; the archive keeps up, {space.waiting} files wait."
    return (
        f"{free}, FULL IN ABOUT {space.lasts_seconds / 60:.0f} MINUTES: {space.waiting} files of "
        "WAL wait for a vault. Make the vault reachable for the server; see its PostgreSQL log."
    )


def _tell_standing(
    looked: looking.Looked,
    findings: "Sequence[VaultFinding]",
    of_keys: "Iterable[str]",
    unproved: "Sequence[str]",
) -> None:
    found = looked.standing
    if found.epoch is None:
        click.echo("Nothing reigns yet: the application was never deployed.")
    else:
        _tell_epoch(looked)
    _tell_vaults(looked)
    for run in found.unfinished:
        click.echo(f"Unfinished: {run}")
    for damage in found.damaged:
        click.echo(f"DAMAGED: {damage}")
    for lacking in found.not_in:
        click.echo(f"NOT EVERYWHERE: {lacking}")
    for sentence in (*found.advice, *vaults_told.due(looked.watched)):
        click.echo(f"Now: {sentence}")
    for finding in findings:
        click.echo(f"Now: {finding.sentence}")
    for line in of_keys:
        click.echo(line)
    for recipient in unproved:
        click.echo(
            f"Now: operator {recipient} never proved to open the secrets. Let them run `liferaft "
            "secrets prove`."
        )


def _tell_epoch(looked: looking.Looked) -> None:
    found = looked.standing
    click.echo(f"Epoch {found.epoch}: {found.site} reigns since {found.since}.")
    if found.destroyed_at:
        click.echo(f"NOTHING SERVES: {found.site} was destroyed at {found.destroyed_at}.")
    if looked.app_servers:
        click.echo(f"Servers for users: {'; '.join(map(str, looked.app_servers))}.")
    if looked.loss is not None:
        _tell_loss(looked.loss)
    click.echo(f"Newest recovery point: {_point(found)}.")
    click.echo(f"Data is safe until: {_archived(found)}.")
    click.echo(f"Last verified: {_verified(found)}.")
    for one in looked.drills:
        click.echo(f"Drill of {one.sentence(looked.watched.at)}.")
    for job in looked.jobs:
        click.echo(f"{'JOB' if job.ailment else 'Job'} {job.sentence}.")


def _tell_vaults(looked: looking.Looked) -> None:
    """Of several, what each has."""
    if len(looked.standing.vaults) <= 1:
        return
    for one in looked.standing.vaults:
        click.echo(f"Vault {one.vault}: {vaults_told.attendance(one, looked.watched.at)}.")
        has = "; ".join(vaults_told.holds(one.vault, looked))
        click.echo(f"  {has}." if has else "  NOT KNOWN what of the data it has.")


def _tell_loss(loss: "Loss") -> None:
    from liferaft.evidence.loss_told import sentence, troubles

    click.echo(sentence(loss))
    for trouble in troubles(loss):
        click.echo(f"NOT KNOWN: {trouble}")


def _archived(found: "Standing") -> str:
    if found.archived_until is None:
        return "not yet, no WAL of this reign has reached the vault"
    return f"about {found.archived_until}, when WAL reached the vault last"


def _point(found: "Standing") -> str:
    """One of an earlier epoch is never told as if it were of this one."""
    if found.newest_point is None:
        return "none"
    if found.point_epoch == found.epoch:
        return found.newest_point
    return f"none of this reign; of epoch {found.point_epoch} there is {found.newest_point}"


def _verified(found: "Standing") -> str:
    if found.verified_point is None or found.verified_seconds is None:
        return "no recovery point of this reign; `liferaft snapshot verify` restores one on trial"
    return f"{found.verified_point}, at {found.verified_at}: back in {found.verified_seconds:.0f} s"
