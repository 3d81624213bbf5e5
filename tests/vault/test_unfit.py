"""A vault that cannot refuse a second claim gets copies, and decides nothing beside another one."""

import pytest
from tests.models.several import Several

from liferaft.failures import Refused
from liferaft.vault import layout, note_unfit, require_witnesses


@pytest.fixture
def several() -> Several:
    found = Several()
    found.raw["second"].ignores_conditions = True
    return found


def test_the_leading_vault_must_be_fit(several: Several) -> None:
    with pytest.raises(Refused, match="Vault second cannot be trusted"):
        require_witnesses(several.command(names=("second", "first"), grace=5.0))


def test_another_one_need_not_be_and_is_told_and_noted_everywhere(
    several: Several, caplog: pytest.LogCaptureFixture
) -> None:
    vault = several.command(grace=5.0)
    require_witnesses(vault)
    assert "vault second cannot be trusted with claims" in caplog.text
    assert len(several.everywhere(layout.unfit("second"))) == 1
    assert all(several.alone(name).list("probe") == () for name in several.raw)
    assert vault.roll.lacking == {}


def test_vaults_that_are_fit_are_not_noted() -> None:
    several = Several(3)
    require_witnesses(several.command(grace=5.0))
    assert all(several.alone(name).list() == () for name in several.raw)


@pytest.mark.parametrize("later", [False, True])
def test_a_claim_there_is_never_overwritten(several: Several, *, later: bool) -> None:
    """In the command that noted it, and in any later one."""
    vault = several.command(grace=5.0)
    note_unfit(vault, ["second"])
    vault = several.command() if later else vault
    assert vault.roll.lacking == {}
    several.alone("second").create("runs/one/000001.json", b"theirs")
    assert vault.create("runs/one/000001.json", b"mine") is True
    assert several.alone("second").get("runs/one/000001.json") == b"theirs"


def test_where_it_leads_alone_claims_are_looked_at_first_and_that_is_told(
    several: Several, caplog: pytest.LogCaptureFixture
) -> None:
    note_unfit(several.command(grace=5.0), ["second"])
    several.away("first")
    vault = several.command()
    assert vault.create("lease/00000001", b"mine") is True
    assert vault.create("lease/00000001", b"mine") is True
    assert vault.create("lease/00000001", b"theirs") is False
    assert "vault second leads and cannot refuse a second claim" in caplog.text


def test_it_does_not_lead_though_it_is_named_first(several: Several) -> None:
    note_unfit(several.command(grace=5.0), ["second"])
    assert several.command(names=("second", "first")).order == ("first", "second")


def test_a_vault_that_does_not_answer_is_not_called_unfit(several: Several) -> None:
    vault = several.command()
    vault.list()
    several.away("second")
    note_unfit(vault, ["second"])
    assert several.alone("first").list("unfit") == ()
