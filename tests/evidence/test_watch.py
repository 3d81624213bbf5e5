"""What a watcher finds: the worst first; a vault that is silent is never taken for a good one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from obstore.store import MemoryStore

from liferaft.config import Config
from liferaft.data.postgres.layout import archive_in_vault
from liferaft.data.volume.config import VolumeConfig
from liferaft.data.volume.volumekeeping.kept import KeptVolume
from liferaft.evidence.standing import Standing, standing
from liferaft.evidence.watch import (
    Limits,
    Severity,
    VaultSeen,
    Watched,
    alarms,
    severity_of,
    watch,
    words,
)
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import CheckedVault, EveryVault, StoredVault, Vault, VaultUnavailable
from liferaft.vault.layout import EpochKeys

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LIMITS = Limits(timedelta(hours=26), timedelta(minutes=5))
STANDING = Standing(1, "east", "2026-11-22T14:00:00Z", None, "20261129T110000Z", ())
GOOD = VaultSeen(
    "main",
    point=NOW - timedelta(hours=1),
    verified=NOW - timedelta(days=3),
    archived={"db": NOW - timedelta(seconds=9)},
)
Reigns = Callable[[int, str], None]


def seen(*vaults: VaultSeen, standing: Standing = STANDING) -> Watched:
    return Watched("chirp", NOW, standing, vaults or (GOOD,))


def of(one: Watched) -> tuple[Severity, list[str]]:
    found = alarms(one, LIMITS)
    return severity_of(found), [alarm.said for alarm in found]


OLD = replace(GOOD, name="second", point=NOW - timedelta(days=3))
LATE = replace(GOOD, name="second", archived={"db": NOW - timedelta(minutes=7)})
SILENT = VaultSeen("second", trouble="no answer")
EMPTY = VaultSeen("second", archived={"db": None})


def test_where_all_is_young_enough_nothing_is_found() -> None:
    assert of(seen()) == (Severity.OK, [])


@pytest.mark.parametrize(
    ("vault", "said"),
    [
        (OLD, "the newest recovery point in vault second is 3 days old (26 h at most)"),
        (LATE, "the archive of db in vault second is 7 min old (5 min at most)"),
        (EMPTY, "the archive of db in vault second is not there (5 min at most)"),
    ],
    ids=["point", "archive", "empty"],
)
def test_what_one_vault_lacks_is_a_warning_and_what_all_lack_is_critical(
    vault: VaultSeen, said: str
) -> None:
    severity, found = of(seen(GOOD, vault))
    assert severity is Severity.WARNING
    assert said in found
    severity, found = of(seen(vault))
    assert severity is Severity.CRITICAL
    assert said in found


def test_a_silent_vault_is_a_warning_beside_one_that_answers() -> None:
    said = "vault second does not answer: no answer"
    assert of(seen(GOOD, SILENT)) == (Severity.WARNING, [said])


def test_where_no_vault_answers_nothing_is_known() -> None:
    assert of(seen(SILENT))[0] is Severity.UNKNOWN


def test_the_only_vault_that_answers_is_judged_alone() -> None:
    assert of(seen(replace(OLD, name="main"), SILENT))[0] is Severity.CRITICAL


def test_an_unfinished_run_and_damage_are_warnings() -> None:
    troubled = replace(STANDING, unfinished=("run-7",), damaged=("Object x is damaged",))
    severity, found = of(seen(standing=troubled))
    assert severity is Severity.WARNING
    assert found == ["Object x is damaged", "run run-7 is unfinished"]


def test_what_was_destroyed_is_critical_and_comes_first() -> None:
    gone = replace(STANDING, destroyed_at="2026-11-29T11:00:00Z", unfinished=("run-7",))
    severity, found = of(seen(standing=gone))
    assert severity is Severity.CRITICAL
    assert found[0] == "nothing serves: east was destroyed"


def test_before_the_first_deploy_nothing_is_known() -> None:
    nothing = Standing(None, None, None, None, None, ())
    assert of(seen(standing=nothing)) == (Severity.UNKNOWN, ["nothing reigns yet"])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 days")],
)
def test_ages_are_said_as_a_person_says_them(seconds: int, said: str) -> None:
    assert words(timedelta(seconds=seconds)) == said


def test_each_vault_is_looked_at_by_itself(
    config: Config, vault: CheckedVault, reigns: Reigns
) -> None:
    reigns(1, "east")
    part = Part("postgres", "db", 1, "2026", 1)
    publish(vault, RecoveryPoint("20261129T110000Z", "chirp", 1, "east", "2026", (part,)))
    vault.put(EpochKeys(1).verified("20261122T140000Z"), b'{"vaults": {"main": {"faults": []}}}')
    wal = f"{archive_in_vault(1)}/{'0' * 16}/{'0' * 24}-{'a' * 40}.lz4"
    second = CheckedVault(StoredVault("second", MemoryStore()))
    second.raw.put(wal, b"wal")
    found = watch(config, EveryVault([vault, second]), standing(config, vault), NOW)
    first, other = found.vaults
    assert (first.point, other.point) == (datetime(2026, 11, 29, 11, tzinfo=UTC), None)
    assert (first.verified, other.verified) == (datetime(2026, 11, 22, 14, tzinfo=UTC), None)
    assert first.archived == {"db": None}
    assert other.archived is not None
    assert other.archived["db"] is not None


def test_a_volume_is_in_a_vault_as_of_its_keepers_last_look(
    config: Config, vault: CheckedVault, reigns: Reigns
) -> None:
    reigns(1, "east")
    files = VolumeConfig(kind="volume", volume="files", service="web")
    config = config.model_copy(update={"data": {**config.data, "files": files}})
    (before,) = watch(config, vault, standing(config, vault), NOW).vaults
    assert before.kept == {}
    note = KeptVolume("epoch-00000001/volume/files", NOW - timedelta(hours=2), "a" * 64)
    vault.put(note.key, f'{{"until": "{(NOW - timedelta(seconds=40)).isoformat()}"}}'.encode())
    (after,) = watch(config, vault, standing(config, vault), NOW).vaults
    assert after.kept == {"files": NOW - timedelta(seconds=40)}


def test_a_vault_that_does_not_answer_is_told_and_stops_nothing(
    config: Config, vault: CheckedVault, reigns: Reigns
) -> None:
    class Dead(StoredVault):
        def list(self, prefix: str = "") -> tuple[str, ...]:
            raise VaultUnavailable(self.name, "listing", "no answer")

    reigns(1, "east")
    dead = CheckedVault(Dead("second", MemoryStore()))
    leading: Vault = EveryVault([vault, dead])
    found = watch(config, leading, standing(config, vault), NOW)
    assert [one.trouble is None for one in found.vaults] == [True, False]
