"""A backup is restored beside the cluster that lives on a server, compared, and deleted again."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.postgres import platform
from liferaft.data.postgres.configuration import Repository, pgbackrest
from liferaft.data.postgres.digests import questions
from liferaft.data.postgres.extensions import require_packages
from liferaft.data.postgres.layout import AREA, ETC, STANZA, Cluster, Database, backups_in_vault
from liferaft.data.postgres.pointtaking.finding import (
    FAULTS,
    differing_tables,
    is_about_the_way,
    key_of_point,
    sum_of_rows,
)
from liferaft.data.proof import (
    CannotBeTried,
    Proof,
    Trial,
    finish_folder,
    folder_of,
    prepare_folder,
    run_in_scratch,
)
from liferaft.failures import Failure
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, folders, put_changed
from liferaft.remote.program import packed
from liferaft.vault.layout import EpochKeys

SCRATCH: Final = "/var/lib/postgresql/liferaft-scratch"
"""On the disk of the databases: a place for the copy is reckoned with there."""
PROGRAM: Final = f"{PROGRAMS}/liferaft-postgres-scratch"
CONFIG: Final = f"{ETC}/scratch.conf"
DIGESTS: Final = "digests"
"""Fact of a part: what `measure_tables` said when it was taken."""
_SOURCES: Final = Path(__file__).parent / "pgscratch"
_FLOOR: Final = 1024**3
"""Bytes of a disk that stay free for the cluster that lives there."""
GROWTH: Final = 512 * 1024**2
"""What a copy takes besides the backup's own bytes: WAL, and what replaying makes of it."""
_LEAST_SECONDS: Final = 1800.0
_SLOWEST: Final = 2_000_000
"""Bytes per second under which a restore is given up, as where one counts."""
_DAMAGED: Final = re.compile(r"repo\d+: (\S+) \[(?:Crypto|Format|Checksum)Error\]")


async def prove(
    host: Host, database: Database, part: Part, repository: Repository, trial: Trial
) -> Proof:
    """Restore the part's backup from one vault into a scratch place of this server, and compare it
    with what was measured when it was taken. Nothing is archived from there.

    Raises what is no finding: OtherPlatform, Refused, Held, or that something did not answer.
    """
    label = part.facts["labels"].get(repository.vault.name)
    if label is None:
        return Proof(part.kind, part.name, faults=(_without_backup(part, trial),))
    found = await platform.measure(host, database.cluster)
    platform.require_same(part.facts["platform"], found)
    await require_packages(host, part.facts["platform"])
    await folders(host, PROGRAMS)
    await folders(host, ETC, owner="root:postgres", mode=0o750)
    text = pgbackrest([repository], database.cluster, lock="scratch")
    config = HostFile(CONFIG, text.encode(), mode=0o640, owner="root:postgres")
    await put_changed(host, [scratch_program(), config])
    digests = part.facts.get(DIGESTS)
    order = _order(database, part, label, trial)
    key = key_of_point(repository.cipher_pass, trial.point)
    percents = {name: one["percent"] for name, one in digests["tables"].items()} if digests else {}
    order["questions"] = questions(key, percents)
    if trial.into is not None:
        await prepare_folder(host, order["folder"], order["need"], owner="postgres")
    said = await run_in_scratch(
        host,
        [PROGRAM],
        trial=trial,
        doing=f"Trying the backup of database {part.name} in vault {trial.vault.name}",
        deadline=_LEAST_SECONDS + part.size / _SLOWEST,
        stdin=json.dumps(order).encode(),
        user="postgres",
        deletes="" if trial.into else order["folder"],
    )
    proof = proof_of(part, json.loads(said.splitlines()[-1]), trial)
    if trial.into is not None and not proof.faults:
        await finish_folder(host, order["folder"])
    return proof


def _order(database: Database, part: Part, label: str, trial: Trial) -> dict[str, Any]:
    digests = part.facts.get(DIGESTS)
    return {
        **order_of_any(database.name, database.cluster),
        "folder": folder_of(part, trial) or SCRATCH,
        "config": CONFIG,
        "label": label,
        "timeline": part.facts["timeline"],
        "lsn": digests["lsn"] if digests else None,
        "need": part.size + part.size // 10 + GROWTH,
        "keep": trial.into is not None,
    }


def order_of_any(database: str, cluster: Cluster) -> dict[str, Any]:
    """What holds for each trial that leaves nothing on a server. Pure."""
    return {
        "folder": SCRATCH,
        "binaries": cluster.programs,
        "stanza": STANZA,
        "database": database,
        "floor": _FLOOR,
        "keep": False,
    }


def scratch_program() -> HostFile:
    """What restores a copy and looks at it, as it lies on a server."""
    return HostFile(PROGRAM, packed(_SOURCES), mode=0o755)


def proof_of(part: Part, answer: Mapping[str, Any], trial: Trial) -> Proof:
    """What the server's answer means. Raises what is no finding. Pure."""
    digests = part.facts.get(DIGESTS)
    faults: list[Failure] = []
    fault = answer["fault"]
    if fault:
        faults.append(_fault(part, answer, trial))
    tables = {one["table"]: one for one in answer["tables"]}
    checked, unread = [], []
    if not fault:
        checked.append(
            f"restored, replayed to {answer['lsn']} and started; pg_amcheck finds no damage, every "
            f"page has its checksum; {sum_of_rows(tables)} rows of {len(tables)} tables were read"
        )
    if not fault and digests is None:
        unread.append(
            "What its tables held when the point was taken was not measured then: they were "
            "counted, and compared with nothing."
        )
    elif not fault and digests is not None:
        found = differing_tables(digests["tables"], tables)
        if found:
            faults.append(_other(part, found, trial))
        else:
            checked.append(f"every digest is that of {digests['lsn']}, measured at the primary")
    if not fault and answer["system_id"] != part.facts["system_id"]:
        faults.append(_other(part, ("it is another cluster's backup",), trial))
    return Proof(
        part.kind,
        part.name,
        seconds=answer["seconds"],
        size=part.size,
        checked=tuple(checked),
        unread=tuple(unread),
        faults=tuple(faults),
    )


def _fault(part: Part, answer: Mapping[str, Any], trial: Trial) -> Failure:
    """The finding. Raises what is none."""
    what, said = answer["fault"], answer["said"]
    vault = trial.vault.name
    details = {"vault": vault, "key": _object(part, vault, said), "said": said}
    if what == "program":
        raise CannotBeTried(
            f"A copy of database {part.name} cannot be tried on this server: {said}",
            safe="Nothing was restored.",
            do="Verify at the site that reigns, or deploy this one first.",
        )
    if what == "space":
        raise CannotBeTried(
            f"The server's disk has no room for a copy of database {part.name}: {said}",
            safe="What was restored is deleted; what lives there was not touched.",
            do="Verify at a site with a larger disk: `--at SITE`.",
        )
    if what == "killed":
        raise HostActFailed(
            f"Trying the backup of database {part.name} in vault {vault} came to no end: the "
            "server ended it, for lack of memory perhaps.",
            safe="The vault is untouched; the scratch place is deleted. No result was noted.",
            do="Verify at a site with more memory: `--at SITE`.",
            details=details,
        )
    if is_about_the_way(what, said, answer["code"]):
        raise HostActFailed(
            f"Trying the backup of database {part.name} in vault {vault} came to no end: its "
            "objects could not be fetched.",
            safe="The vault is untouched; the scratch place is deleted. No result was noted.",
            do="Run the same command again once the vault answers. What was archived in the last "
            "seconds may still be on its way there.",
            details=details,
        )
    return NotAsSealed(
        f"Database {part.name} of recovery point {trial.point} does not come back from vault "
        f"{vault}: {FAULTS[what]} (object {details['key']}).",
        safe="The vault is untouched. What serves goes on, and goes on archiving.",
        do="Take a new recovery point now: `liferaft snapshot`. Verify the others: a restore has "
        "to begin from one that is whole.",
        details=details,
    )


def _other(part: Part, found: tuple[str, ...], trial: Trial) -> NotVerified:
    vault = trial.vault.name
    return NotVerified(
        f"Database {part.name} of recovery point {trial.point}, restored from vault {vault}, is "
        f"not what was measured when it was taken: {'; '.join(found)}.",
        safe="The vault is untouched, and so is what serves.",
        do="Take a new recovery point now: `liferaft snapshot`, and verify it.",
        details={"vault": vault, "key": _key(part, vault)},
    )


def _without_backup(part: Part, trial: Trial) -> NotVerified:
    return NotVerified(
        f"Vault {trial.vault.name} has no backup of database {part.name} of recovery point "
        f"{trial.point}.",
        safe="Nothing was tried there.",
        do="Name a vault that has it with `--from`, or take a new recovery point.",
        details={"vault": trial.vault.name, "labels": str(dict(part.facts["labels"]))},
    )


def _object(part: Part, vault: str, said: str) -> str:
    """What pgBackRest names as damaged; else the backup."""
    named = _DAMAGED.search(said)
    if named is None:
        return _key(part, vault)
    return EpochKeys(part.epoch).data(AREA, "archive", STANZA, named[1])


def _key(part: Part, vault: str) -> str:
    return f"{backups_in_vault(part.epoch)}/{part.facts['labels'].get(vault, '')}"
