"""A part is whole where one vault has it whole; what is wrong in another is told beside it."""

from dataclasses import dataclass

import pytest
from tests.models.vault import VaultModel

from liferaft.data.certificates.kind import CERTIFICATES
from liferaft.data.failures import VaultSilent
from liferaft.data.in_vaults import joined
from liferaft.data.wholeness import (
    THOROUGH,
    Look,
    Operators,
    look_at_stored,
    look_in_each,
)
from liferaft.recovery.part import Part
from liferaft.vault import Vault, VaultUnavailable, each_vault

POINT = "20261122T140000Z"


def kept(vault: VaultModel, body: bytes) -> Part:
    """One object, sealed by each vault's own bytes."""
    vault.put("epoch-00000001/images/x", body)
    sums = {"epoch-00000001/images/x": vault.digest("epoch-00000001/images/x", seconds=1)}
    return Part("image", "web", 1, "2026-11-22T14:00:00+00:00", len(body), {"stored": sums})


@pytest.fixture
def main() -> VaultModel:
    return VaultModel(name="main")


@pytest.fixture
def other() -> VaultModel:
    return VaultModel(name="other")


@pytest.fixture
def part(main: VaultModel, other: VaultModel) -> Part:
    return joined({"main": kept(main, b"sealed"), "other": kept(other, b"sealed too")}, {})


def look(vault: Vault, part: Part) -> Look:
    damages, unread = look_at_stored(vault, part, THOROUGH, size=part.size)
    return Look(tuple(damages), unread=tuple(unread))


def break_copy(vault: VaultModel) -> None:
    vault.put("epoch-00000001/images/x", b"broken")


def test_each_vault_is_looked_at_by_what_was_noted_of_it(
    main: VaultModel, other: VaultModel, part: Part
) -> None:
    assert look_in_each([main, other], part, look) == Look()
    assert look_in_each([other, main], part, look) == Look()


def test_damage_in_one_is_told_with_the_other_that_has_it(
    main: VaultModel, other: VaultModel, part: Part
) -> None:
    for damaged, whole in ((main, "other"), (other, "main")):
        body = damaged.get("epoch-00000001/images/x")
        break_copy(damaged)
        found = look_in_each([main, other], part, look)
        assert not found.damages
        (said,) = found.anew
        assert f"vault {damaged.name}" in said
        assert said.endswith(f"Vault {whole} has it, and that is used.")
        damaged.put("epoch-00000001/images/x", body)


def test_damage_in_both_is_damage_and_names_both(
    main: VaultModel, other: VaultModel, part: Part
) -> None:
    break_copy(main)
    break_copy(other)
    found = look_in_each([main, other], part, look)
    assert ["main" in str(found.damages[0]), "other" in str(found.damages[1])] == [True, True]


@dataclass
class Silent(VaultModel):
    """It answers no more."""

    def look(self, prefix: str, *, after: str = "") -> tuple[()]:
        raise VaultUnavailable(self.name, "looking", "it is silent")


def test_a_vault_that_falls_silent_is_told_and_the_other_is_enough(
    main: VaultModel, part: Part
) -> None:
    found = look_in_each([main, Silent(name="other")], part, look)
    assert not found.damages
    assert "it is silent" in found.anew[0]


def test_a_part_that_lies_in_a_silent_vault_alone_cannot_be_brought_back(
    main: VaultModel, other: VaultModel
) -> None:
    alone = joined({"other": kept(other, b"sealed")}, {})
    (failure,) = look_in_each([main], alone, look).damages
    assert isinstance(failure, VaultSilent)
    assert "in vault other alone" in str(failure)


def test_a_part_of_an_earlier_version_is_missed_in_no_vault_that_it_was_never_in(
    main: VaultModel, other: VaultModel
) -> None:
    assert look_in_each([other, main], kept(main, b"sealed"), look) == Look()


def test_certificates_are_issued_anew_only_where_no_vault_has_them(
    main: VaultModel, other: VaultModel, part: Part
) -> None:
    def seen() -> Look:
        return look_in_each(
            [main, other],
            part,
            lambda vault, own: CERTIFICATES.look(vault, own, POINT, THOROUGH, Operators()),
        )

    break_copy(main)
    (said,) = seen().anew
    assert said.endswith("Vault other has it, and that is used.")
    break_copy(other)
    assert all("Vault" not in one.rpartition("anew")[2] for one in seen().anew)


def test_one_vault_is_asked_by_itself(main: VaultModel) -> None:
    assert each_vault(main) == (main,)
