"""Reports are signed by what the application's operators have in common, and checked by it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.runs import FINISHED, NAME, written

from liferaft.vault import Vault

Liferaft = Callable[..., Any]


@pytest.fixture(autouse=True)
def begun(vault: Vault) -> None:
    written(vault, FINISHED)


@pytest.fixture
def shown(liferaft: Liferaft, request: pytest.FixtureRequest) -> Liferaft:
    """The report was rendered and signed."""
    request.getfixturevalue("east_reigns")
    assert liferaft("report").code == 0
    return liferaft


def test_verify_says_who_signed_and_that_the_journal_is_the_same(shown: Liferaft) -> None:
    ran = shown("report", "verify")
    assert ran.code == 0
    page, document, journal = ran.out.splitlines()
    assert f"{NAME}/report.html in vault main: as signed by chirp, ED25519 key SHA256:" in page
    assert "report.json" in document
    assert journal.startswith("the journal in vault main, 4 events: as signed by chirp")
    rows = json.loads(shown("report", "verify", str(NAME), "--json").out)
    assert [set(row) for row in rows] == [{"what", "by"}] * 3


@pytest.mark.parametrize("form", ["html", "json", "html.sig", "json.sig"])
def test_a_changed_byte_has_an_exit_code_and_a_sentence_of_its_own(
    shown: Liferaft, vault: Vault, form: str
) -> None:
    body = vault.get(NAME.report(form))
    vault.put(NAME.report(form), body[:200] + b"?" + body[201:])
    ran = shown("report", "verify")
    assert ran.code == 12
    assert ran.out == ""
    assert f"report.{form.removesuffix('.sig')} in vault main is" in ran.err
    assert "Traceback" not in ran.err


def test_a_report_that_was_changed_is_shown_to_nobody_until_it_is_rendered_anew(
    shown: Liferaft, vault: Vault
) -> None:
    vault.put(NAME.report("html"), b"all went well")
    for words in (("show",), ("open",), ("export", "--to", "there")):
        assert shown("report", *words).code == 12
    assert shown("report", "show", "--anew").code == 0
    assert shown("report", "verify").code == 0


def test_an_export_is_checked_with_what_lies_beside_it_and_nothing_else(
    shown: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown("report", "export", "--to", "there").code == 0
    monkeypatch.delenv("LIFERAFT_IDENTITY_FILE")
    (folder / "liferaft.toml").unlink()
    page, signers = f"there/{NAME}.html", ("--signers", "there/allowed_signers")
    assert sorted(path.name for path in (folder / "there").iterdir()) == [
        *(f"{NAME}.{form}" for form in ("html", "html.sig", "json", "json.sig")),
        "allowed_signers",
    ]
    ran = shown("report", "verify", page, *signers)
    assert ran.code == 0
    assert ran.out.startswith(f"{page}: as signed by chirp, ED25519 key SHA256:")
    path = folder / page
    path.write_bytes(path.read_bytes() + b" ")
    ran = shown("report", "verify", page, *signers)
    assert ran.code == 12
    assert f"{page} is not as chirp signed it" in ran.err


def test_a_file_of_signers_that_is_none_is_bad_input(shown: Liferaft) -> None:
    ran = shown("report", "verify", "--signers", "nowhere")
    assert ran.code == 3
    assert "nowhere cannot be read" in ran.err


def test_whoever_cannot_open_the_secrets_is_shown_a_report_that_nobody_signed(
    liferaft: Liferaft, vault: Vault
) -> None:
    ran = liferaft("report")
    assert ran.code == 0
    assert "Nothing is signed or checked" in ran.err
    assert NAME.report("html.sig") not in vault.list("runs")
    assert liferaft("report", "verify").code == 4


def test_no_private_key_is_in_a_vault_or_on_this_machine_afterwards(
    shown: Liferaft, folder: Path
) -> None:
    shown("report", "verify")
    shown("report", "export", "--to", "there")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if b"OPENSSH PRIVATE KEY" in path.read_bytes()]
