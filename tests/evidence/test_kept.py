"""A report lies beside its journal, is rendered anew when that has grown, and stops nothing."""

import json
from typing import Any

import pytest
from tests.evidence.runs import ABOUT, BEGAN, FAILOVER, Written, done, started

from liferaft.evidence import kept
from liferaft.evidence.kept import keep_report
from liferaft.failures import Altered
from liferaft.journal import Event, JournalBroken, RunName
from liferaft.secrets import Signer
from liferaft.vault import Vault, VaultUnavailable, layout


def grown(vault: Vault, name: RunName, seq: int) -> None:
    later = Event(seq, "run-finished", "2026-11-22T14:00:41.000Z", "session", 41.0, {})
    assert vault.create(name.key(seq), later.to_json())


def test_both_forms_lie_beside_the_events(vault: Vault, journal: Written) -> None:
    name = journal(FAILOVER)
    told = keep_report(vault, name)
    assert told.trouble is None
    assert vault.get(name.report("html")).startswith(b"<!doctype html>")
    assert json.loads(vault.get(name.report("json")))["run"] == str(name)


def test_one_of_the_whole_journal_is_not_rendered_again(
    vault: Vault, journal: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = journal(FAILOVER)
    first = keep_report(vault, name)
    monkeypatch.setattr(kept, "page", lambda _: b"another")
    assert keep_report(vault, name).files == first.files


def test_one_of_a_shorter_journal_is_rendered_anew(vault: Vault, journal: Written) -> None:
    name = journal(FAILOVER[:-1])
    assert keep_report(vault, name).document.verdict.state == "unfinished"
    grown(vault, name, len(FAILOVER) + 1)
    assert keep_report(vault, name).document.verdict.state == "finished"
    assert b">Finished<" in vault.get(name.report("html"))


@pytest.mark.parametrize("form", ["html", "json"])
@pytest.mark.parametrize("body", [None, b"{}"])
def test_one_that_is_gone_or_unreadable_comes_back(
    vault: Vault, journal: Written, form: str, body: bytes | None
) -> None:
    name = journal(FAILOVER)
    whole = keep_report(vault, name).files[form]
    if body is None:
        vault.delete(name.report(form))
    elif form == "json":
        vault.put(name.report(form), body)
    keep_report(vault, name)
    assert vault.get(name.report(form)) == whole


def test_a_whole_report_is_not_exchanged_for_one_of_a_journal_that_was_damaged_since(
    vault: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER)
    whole = keep_report(vault, name, signer).files
    vault.delete(name.key(6))
    assert keep_report(vault, name, signer).files == whole
    assert keep_report(vault, name, signer, anew=True).document.journal.faults


def test_a_signature_lies_beside_each_form(vault: Vault, journal: Written, signer: Signer) -> None:
    name = journal(FAILOVER)
    files = keep_report(vault, name, signer).files
    assert set(files) == {"html", "json", "html.sig", "json.sig"}
    for form in ("html", "json"):
        assert vault.get(name.report(f"{form}.sig")) == signer.sign(files[form])


def test_one_that_is_not_signed_is_rendered_anew_and_not_signed_as_it_lies_there(
    vault: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER)
    whole = keep_report(vault, name).files["html"]
    vault.put(name.report("html"), whole.replace(b"40 s", b"4 s"))
    assert keep_report(vault, name, signer).files["html"] == whole


@pytest.mark.parametrize("form", ["html", "json"])
def test_one_that_was_changed_since_it_was_signed_is_handed_to_nobody(
    vault: Vault, journal: Written, signer: Signer, form: str
) -> None:
    name = journal(FAILOVER)
    body = keep_report(vault, name, signer).files[form]
    vault.put(name.report(form), body.replace(b"40", b"14", 1))
    with pytest.raises(Altered, match=f"report.{form} of vault main is not as it was signed"):
        keep_report(vault, name, signer)
    assert keep_report(vault, name, signer, anew=True).files[form] == body
    assert keep_report(vault, name, signer).files[form] == body


def test_a_signature_of_a_shorter_journal_does_not_outlive_it(
    vault: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER[:-1])
    keep_report(vault, name, signer)
    grown(vault, name, len(FAILOVER) + 1)
    keep_report(vault, name)
    assert name.report("html.sig") not in vault.list(layout.RUNS)
    assert "html.sig" in keep_report(vault, name, signer).files


def test_a_vault_that_takes_no_report_is_told_and_stops_nothing(
    vault: Vault, journal: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = journal(FAILOVER)

    def refuse(*_: Any) -> None:
        raise VaultUnavailable("main", "writing", "it does not answer")

    monkeypatch.setattr(vault, "put", refuse)
    told = keep_report(vault, name)
    assert told.trouble is not None
    assert b"chirp" not in told.files["json"]
    assert told.document.verdict.state == "finished"


def test_a_run_whose_beginning_is_gone_has_no_report(vault: Vault, journal: Written) -> None:
    name = journal(FAILOVER)
    vault.delete(name.key(1))
    with pytest.raises(JournalBroken):
        keep_report(vault, name)


def test_earlier_runs_of_the_same_move_are_beside_it(vault: Vault, journal: Written) -> None:
    journal(FAILOVER, run="20261119T140000000Z-aa", move="deploy")
    old = journal(FAILOVER, run="20261120T140000000Z-aa", about=ABOUT)
    journal(FAILOVER[:4], run="20261121T140000000Z-aa")
    keep_report(vault, old)
    slow = [*FAILOVER[:8], started(16, "prove"), done(55, "prove"), (56.0, "run-finished", {})]
    journal(slow, run="20261121T150000000Z-aa")
    name = journal(FAILOVER)
    journal(FAILOVER, run="20261123T140000000Z-aa")
    found = keep_report(vault, name).document.earlier
    assert [(one.run[9:17], one.rto) for one in found] == [("20261121", 55.0), ("20261120", 40.0)]


def test_a_drills_report_lies_among_drills_and_is_compared_with_drills_alone(
    vault: Vault, journal: Written
) -> None:
    journal(FAILOVER, run="20261120T140000000Z-aa", move="drill")
    drill = {"move": "drill", "among": layout.DRILL_RUNS}
    journal(FAILOVER, run="20261121T140000000Z-aa", **drill)
    name = journal([*FAILOVER[:-1], done(40, "x", denied=["api.mail.test"]), FAILOVER[-1]], **drill)
    told = keep_report(vault, name)
    assert vault.get(f"drills/runs/{name}/report.html") == told.files["html"]
    assert len(told.document.earlier) == 1
    assert b"api.mail.test" in told.files["html"]
    assert told.document.rpo is not None
    assert told.document.recovered_until == BEGAN - 8.75


def test_a_drill_without_a_vendor_says_so_first_and_is_compared_with_its_like(
    vault: Vault, journal: Written
) -> None:
    drill: dict[str, Any] = {"move": "drill", "among": layout.DRILL_RUNS}
    journal(FAILOVER, run="20261119T140000000Z-aa", **drill, denied=["main"])
    usual = journal(FAILOVER, run="20261120T140000000Z-aa", **drill)
    name = journal(FAILOVER, run="20261121T140000000Z-aa", **drill, denied=["main"], seed=4711)
    told = keep_report(vault, name).document
    assert (told.without, told.seed) == (("main",), 4711)
    assert "would have come back at north without main" in told.verdict.sentence
    assert [one.run[9:17] for one in told.earlier] == ["20261119"]
    assert b"main, picked by seed 4711" in keep_report(vault, name).files["html"]
    assert not keep_report(vault, usual).document.earlier
