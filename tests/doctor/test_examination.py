"""All of it together: nothing is written anywhere, and the page of questions is complete."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from tests.doctor.conftest import IN_MEMORY, Said
from tests.doctor.test_accounts import dead_vault
from tests.moto_store import moto_store

from liferaft.doctor.asking import examine
from liferaft.doctor.check import Examined
from liferaft.doctor.examination import checks_for, checks_of
from liferaft.doctor.patient import Patient
from liferaft.secrets import ensure_secrets
from liferaft.vault import CheckedVault, EpochChain, EpochRecord, EveryVault

Called = Callable[..., Patient]
PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


def listing(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    """Each file with its time and bytes."""
    return {
        str(one.relative_to(folder)): (one.stat().st_mtime_ns, one.read_bytes())
        for one in folder.rglob("*")
        if one.is_file()
    }


@pytest.mark.usefixtures("east_reigns", "zone")
def test_no_byte_of_a_vault_or_of_the_operators_folder_is_changed(
    patient: Called, clouds: Mapping[str, Said], tmp_path: Path
) -> None:
    it = patient(IN_MEMORY)
    before = listing(tmp_path)
    assert any("epoch" in one for one in before), "there is something to change"
    found = examine(checks_for(it))
    assert len(found) > 5
    assert listing(tmp_path) == before
    for cloud in clouds.values():
        assert not cloud.holds.things
        assert not [one for one in cloud.line.asked if "create" in one or "delete" in one]


@pytest.mark.usefixtures("east_reigns", "zone", "clouds")
def test_a_vault_that_answers_is_given_no_note_of_one_that_does_not(
    patient: Called, vault: CheckedVault, tmp_path: Path
) -> None:
    """Commands that write leave one. This one only looks."""
    it = patient(IN_MEMORY)
    before = listing(tmp_path)
    both = EveryVault([vault, dead_vault()])
    examine(checks_of(it.declared, both, it.environ, now=it.now))
    assert listing(tmp_path) == before


@pytest.mark.usefixtures("zone", "clouds")
def test_a_store_is_sent_nothing_that_writes(
    patient: Called, environ: dict[str, str], tmp_path: Path
) -> None:
    """Though its versions are asked for, and the application's secrets read."""
    folder = tmp_path / "store"
    folder.mkdir()
    with moto_store(folder, key="id", secret="secret") as store:
        store.make_bucket("chirp-vault")
        vault = store.vault("chirp-vault", "chirp")
        recipients = [environ["LIFERAFT_RECIPIENT"]]
        identity = Path(environ["LIFERAFT_IDENTITY_FILE"])
        ensure_secrets(vault, 1, recipients=recipients, identity_file=identity)
        EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
        pair = {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "secret"}
        environ |= {f"LIFERAFT_VAULT_MAIN_{kind}": text for kind, text in pair.items()}
        here = f'url = "s3://chirp-vault"\nendpoint = "{store.url}"\nca_file = "{store.ca_file}"'
        it = patient(IN_MEMORY, (f'url = "file://{tmp_path}/vault"', here))
        store.heard.clear()
        found = examine(checks_of(it.declared, vault, it.environ, now=it.now))
        heard = list(store.heard)
    keys = [one.finding for one in found if one.name == "vault-keys"]
    assert any("Its bucket keeps no versions" in one for one in keys), "it was really asked"
    assert len(heard) > 10
    assert {one.method for one in heard} <= {"GET", "HEAD"}


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_a_plan_of_a_drill_gets_the_questions_of_its_site(patient: Called) -> None:
    it = patient()
    of_north = checks_of(it.config, it.vault, it.environ, site="north")
    names = {(one.name, one.about) for one in of_north}
    assert ("account", "site north") in names
    assert ("allowance", "site north") in names


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_the_page_has_a_row_for_each_question_and_no_other(patient: Called, tmp_path: Path) -> None:
    table = PAGE.read_text().partition("## What is asked")[2].partition("## For machines")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert len(rows) == len(set(rows))
    of_a_store = patient((f"file://{tmp_path}/vault", "s3://chirp-vault"))
    assert set(rows) == {one.name for one in checks_for(of_a_store)}


def test_the_page_describes_each_field_that_machines_are_told_and_no_other() -> None:
    table = PAGE.read_text().partition("## For machines")[2]
    rows = re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)
    assert rows == [field.name for field in fields(Examined)]


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_each_question_is_one_sentence_and_says_why_it_is_asked(patient: Called) -> None:
    for one in checks_for(patient()):
        assert one.asks.endswith("?")
        assert one.why.endswith(".")
        assert one.seconds > 0
