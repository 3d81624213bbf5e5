"""Which WAL the vaults hold, and which of them can be asked at all, from a standby's server."""

import logging
from collections.abc import Sequence
from typing import Final

from liferaft.data.failures import VaultSilent
from liferaft.data.postgres import obstacles
from liferaft.data.postgres.configuration import Repository, asking_file, newest_first
from liferaft.data.postgres.layout import ASK, GET, Cluster
from liferaft.data.postgres.wal import Segment, archived
from liferaft.data.silence import silence
from liferaft.failures import DeadlinePassed
from liferaft.remote.acts import act, as_user, succeeds
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.files import put_changed
from liferaft.remote.waiting import wait_until

_log = logging.getLogger(__name__)
_SILENT_SECONDS: Final = 15.0
"""How long one of several vaults may be silent before the archive is listed."""
_ALONE_SECONDS: Final = 40.0
"""How long one may that has no other beside it."""


async def list_segments(
    host: Host, cluster: Cluster, sources: Sequence[Repository]
) -> frozenset[Segment]:
    """Every whole segment that any repository holds. VaultSilent when one does not answer."""
    await _require_vaults(host, sources)
    several = len({one.vault.name for one in sources}) > 1
    held: set[Segment] = set()
    for number, one in enumerate(newest_first(sources), start=1):
        pgbackrest = f"pgbackrest --config={GET} --repo={number} --io-timeout=5"
        # Names alone: the whole listing of a long archive would not fit into one answer.
        listing = f"{pgbackrest} --recurse repo-ls {cluster.archive}"
        script = f"set -o pipefail; {listing} | sed 's#.*/##'"
        doing = f"Listing the archive of epoch {one.epoch} in vault {one.vault.name}"
        way = obstacles.way_past(one, sources)
        try:
            answer = await act(
                host,
                as_user("postgres", "bash", "-c", script),
                doing=doing,
                deadline=120,
                failure=VaultSilent,
                safe=obstacles.ON_ITS_WAY,
                do=way,
            )
        except DeadlinePassed as late:
            if isinstance(late, Unreachable) or not several:
                raise
            failed = f"{doing} failed: {late}."
            raise VaultSilent(failed, safe=obstacles.ON_ITS_WAY, do=way) from late
        held |= archived(answer.splitlines())
    return frozenset(held)


async def _require_vaults(host: Host, sources: Sequence[Repository]) -> None:
    """Each vault speaks: pgBackRest asks one that does not for a minute and a half."""
    by_name = {one.vault.name: one for one in reversed(sources)}
    seconds = _SILENT_SECONDS if len(by_name) > 1 else _ALONE_SECONDS
    for one in by_name.values():
        why: str | None = None

        async def speaks(one: Repository = one) -> bool:
            nonlocal why
            why = await silence(host, one.vault)
            return why is None

        if not await wait_until(speaks, seconds=seconds):
            raise VaultSilent(
                f"Vault {one.vault.name} does not answer server {host.address}: {why}.",
                safe=obstacles.ON_ITS_WAY,
                do=obstacles.way_past(one, sources),
                details={"vault": one.vault.name},
            )


async def that_answer(
    host: Host, cluster: Cluster, left_out: Sequence[Repository]
) -> list[Repository]:
    """Those whose vault answers this server after all, whoever else it does not answer: what it
    alone holds is restored as well."""
    if not left_out:
        return []
    await put_changed(host, [asking_file(left_out, cluster)])
    there: dict[str, bool] = {}
    for number, one in enumerate(newest_first(left_out), start=1):
        if one.vault.name not in there:
            asked = ["timeout", "8", "pgbackrest", f"--config={ASK}", f"--repo={number}"]
            argv = as_user("postgres", *asked, "--io-timeout=2", "repo-ls", cluster.archive)
            there[one.vault.name] = await succeeds(host, argv)
            said = "answers this server, and is used" if there[one.vault.name] else "is left out"
            _log.warning("Vault %s did not answer at first: it %s.", one.vault.name, said)
    return [one for one in left_out if there[one.vault.name]]
