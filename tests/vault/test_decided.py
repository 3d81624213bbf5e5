"""What another vault has decided is written where a store would not create it."""

from collections.abc import Iterator

import pytest
from tests.models.several import Several
from tests.models.vault import VaultModel

from liferaft.vault import CheckedVault, EveryVault, VaultUnavailable
from liferaft.vault.contract import CreateRefused
from liferaft.vault.decided import create_decided

EPOCH = "epoch/00000002"


class Marked(VaultModel):
    """A vault in which delete markers hide everything that is not there: it creates nothing."""

    def create(self, key: str, body: bytes) -> bool:
        if self.prefix + key in self.shelf.objects:
            return super().create(key, body)
        raise CreateRefused(self.name, f"creating {key}", "HTTP 412: PreconditionFailed")


@pytest.fixture
def marked() -> Iterator[Several]:
    found = Several()
    found.command().create("epoch/00000001", b"east")
    found.raw["second"] = Marked(found.raw["second"].shelf, name="second")
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


def test_it_is_there_and_another_one_is_not_overwritten() -> None:
    vault = CheckedVault(Marked())
    assert create_decided(vault, EPOCH, b"ours") is True
    assert create_decided(vault, EPOCH, b"another") is False
    assert vault.get(EPOCH) == b"ours"


def test_a_claim_that_the_leading_vault_has_decided_is_in_the_other_as_well(
    marked: Several,
) -> None:
    command = marked.command()
    assert command.create(EPOCH, b"north") is True
    assert marked.everywhere(EPOCH) == {b"north"}
    assert not command.roll.silent


def test_a_vault_that_decides_alone_decides_nothing_there(marked: Several) -> None:
    alone = EveryVault([CheckedVault(marked.raw["second"])])
    with pytest.raises(VaultUnavailable):
        alone.create(EPOCH, b"north")
