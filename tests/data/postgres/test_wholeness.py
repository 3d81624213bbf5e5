"""Whether a database can be restored from several vaults, of which one may be damaged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pytest
from obstore.store import MemoryStore
from pydantic import SecretStr
from tests import kept
from tests.application import *  # noqa: F403 - what a test asks for by its name
from tests.models.vault import Absence, VaultModel

from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.kind import POSTGRES
from liferaft.data.postgres.layout import archive_in_vault
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.data.wholeness import THOROUGH, Look, Operators
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import (
    CheckedVault,
    EveryVault,
    StoredVault,
    Vault,
    each_vault,
    silent_vaults,
)

if TYPE_CHECKING:
    from liferaft.config import Config
    from liferaft.recovery.part import Part
    from liferaft.secrets import AppSecrets

KEY = "the key of the repository"
BUNDLE = f"{kept.BACKUP}/{kept.LABEL}/bundle/1"


@dataclass(frozen=True)
class Both:
    """Two vaults as one; `main` leads."""

    main: CheckedVault
    other: CheckedVault
    part: Part
    silent: frozenset[str] = frozenset()

    @property
    def vault(self) -> Vault:
        return EveryVault([self._seen(one) for one in (self.main, self.other)])

    def _seen(self, one: CheckedVault) -> CheckedVault:
        """As whoever asks it finds it."""
        if one.name not in self.silent:
            return one
        return CheckedVault(VaultModel(name=one.name, absence=Absence.UNREACHABLE))

    def look(self) -> Look:
        return POSTGRES.look(self.vault, self.part, "POINT", THOROUGH, Operators())

    def look_inside(self) -> Look:
        secrets = cast("AppSecrets", Opened())
        return POSTGRES.look_inside(self.vault, self.part, "POINT", secrets)


class Opened:
    pgbackrest_cipher_pass = SecretStr(KEY)


@pytest.fixture
def both() -> Both:
    main, other = (CheckedVault(StoredVault(name, MemoryStore())) for name in ("main", "other"))
    parts = [kept.backup(one, KEY) for one in (main, other)]
    labels = {name: label for one in parts for name, label in one.facts["labels"].items()}
    return Both(main, other, replace(parts[0], facts={**parts[0].facts, "labels": labels}))


def test_two_whole_vaults_have_nothing_said_of_them(both: Both) -> None:
    assert both.look() == both.look_inside() == Look()


@pytest.mark.parametrize("damaged", ["main", "other"])
def test_a_backup_that_is_damaged_in_one_vault_stops_nothing_and_is_told_with_the_other(
    both: Both, damaged: str
) -> None:
    (there,) = {"main", "other"} - {damaged}
    getattr(both, damaged).delete(BUNDLE)
    found = both.look_inside()
    assert found.damages == ()
    (told,) = found.anew
    assert told == (
        f"Object {BUNDLE} of vault {damaged} is damaged: it is not there. "
        f"Vault {there} has it whole."
    )


def test_a_backup_that_is_damaged_in_both_cannot_be_restored(both: Both) -> None:
    both.main.delete(BUNDLE)
    both.other.delete(BUNDLE)
    assert {damage.facts.details["vault"] for damage in both.look_inside().damages} == {
        "main",
        "other",
    }


@pytest.mark.parametrize("number", [1, 2, 3])
def test_wal_that_one_vault_lacks_is_taken_from_the_other(both: Both, number: int) -> None:
    both.main.delete(kept.segment(number))
    found = both.look()
    assert found.damages == ()
    (told,) = found.anew
    assert told == (
        f"Vault main lacks WAL from {kept.SEGMENTS[number]} on, 1 in all: vault other has it."
    )


def test_wal_that_both_lack_is_missed(both: Both) -> None:
    for one in (both.main, both.other):
        one.delete(kept.segment(2))
        one.delete(kept.segment(3))
    found = both.look()
    assert len(found.damages) == 2
    assert any("cannot be brought back" in sentence for sentence in found.anew)


def test_a_whole_backup_without_its_wal_is_no_vault_that_has_it_whole(both: Both) -> None:
    later = {f"archive_{end}": kept.SEGMENTS[4] for end in ("start", "stop")}
    told = {"main": {**both.part.facts}, "other": later}
    part = replace(both.part, facts={**both.part.facts, "backups": told})
    for one in (both.main, both.other):
        one.delete(kept.segment(2))  # what the backup of main alone needs
    both.other.delete(BUNDLE)
    assert replace(both, part=part).look_inside().damages


def test_a_vault_that_does_not_answer_is_looked_at_by_nobody(both: Both) -> None:
    alone = replace(both, silent=frozenset({"main"}))
    alone.main.delete(BUNDLE)
    assert alone.look() == alone.look_inside() == Look()
    assert silent_vaults(alone.vault) == {"main"}
    assert each_vault(alone.vault) == (alone.other,)


def test_where_no_vault_that_the_point_names_answers_the_newest_backup_of_another_is_named(
    both: Both,
) -> None:
    """That vault was away when the point was taken, and has a backup and a gap."""
    labels = {"main": kept.LABEL}
    part = replace(both.part, facts={**both.part.facts, "labels": labels})
    alone = replace(both, part=part, silent=frozenset({"main"}))
    both.other.delete(kept.segment(1))
    found = alone.look()
    assert found.damages == ()
    assert f"the restore takes backup {kept.LABEL} of vault other" in found.anew[0]
    assert alone.look_inside() == Look()
    both.other.delete(BUNDLE)
    assert alone.look_inside().damages
    for key in both.other.list(kept.BACKUP):
        both.other.delete(key)
    assert "there is no backup" in alone.look().damages[0].facts.happened


def test_the_archive_is_as_new_as_the_vault_that_has_most(both: Both) -> None:
    for key in both.main.list(archive_in_vault(1)):
        both.main.delete(key)
    until = POSTGRES.archived_until(both.vault, 1)
    assert until == POSTGRES.archived_until(both.other, 1)
    assert until is not None


async def test_a_failover_names_the_vaults_that_answer_as_it_is_planned(
    both: Both, config: Config
) -> None:
    for one in (both.main, both.other):
        await keep_timeline(one, 1, 1)
    point = RecoveryPoint("20261122T140000Z", "chirp", 1, "east", kept.AT, (both.part,))
    found = POSTGRES.read_facts(config, both.vault, 1, point)
    assert (found.wal_from, found.segments) == (("main", "other"), 2)
    assert Timeline.from_json(found.to_json()) == found
    alone = replace(both, silent=frozenset({"main"}))
    assert POSTGRES.read_facts(config, alone.vault, 1, point).wal_from == ("other",)
    assert "wal_from" not in POSTGRES.read_facts(config, both.main, 1, point).to_json()
