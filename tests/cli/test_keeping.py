"""Every run ends in a report, however it ends; what becomes of the report changes nothing of it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.runs import FINISHED, NAME, STARTED, written
from tests.moves.things import CloudInMemory

from liferaft.evidence import kept
from liferaft.failures import VendorFailure
from liferaft.moves import session
from liferaft.moves.runner import Result
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import CheckedVault, Vault, VaultUnavailable

Liferaft = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("east_reigns")
FAILED = [*STARTED, ("step-started", {"step": "servers", "needs": []})]
FAILED += [("step-failed", {"step": "servers", "happened": "It broke.", "safe": "", "do": ""})]


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, vault: Vault) -> Callable[..., None]:
    """Let the next run write these events, and end so."""
    monkeypatch.setattr(Site, "cloud", lambda _: CloudInMemory())

    def end(rows: Any, fault: BaseException | None = None) -> None:
        async def done(_: object, world: World, **__: object) -> tuple[str, Result]:
            await asyncio.sleep(0)
            world.run.name = str(NAME)
            if rows is not None:
                written(vault, rows)
            if fault is not None:
                raise fault
            return str(NAME), Result(("a",), ())

        monkeypatch.setattr(session, "execute", done)

    return end


def deploy(liferaft: Liferaft) -> Any:
    return liferaft("deploy", "east", "--yes", "--no-snapshot", "--json")


def test_a_finished_run_has_its_report_in_the_vault_and_on_this_machine(
    liferaft: Liferaft, ends: Callable[..., None], vault: Vault, folder: Path
) -> None:
    ends(FINISHED)
    ran = deploy(liferaft)
    assert ran.code == 0
    assert f"Its report: liferaft report open {NAME}" in ran.err
    assert json.loads(vault.get(NAME.report("json")))["verdict"]["state"] == "finished"
    here = folder / "state/liferaft/runs" / str(NAME) / "report.html"
    assert here.read_bytes() == vault.get(NAME.report("html"))


@pytest.mark.parametrize(
    ("rows", "fault", "code", "state"),
    [
        (FAILED, VendorFailure("It broke."), 6, "failed"),
        (STARTED, KeyboardInterrupt(), 130, "unfinished"),
        (STARTED, RuntimeError("a defect"), 70, "unfinished"),
    ],
)
def test_a_run_that_failed_or_was_interrupted_has_one_too_and_ends_with_its_own_code(
    liferaft: Liferaft,
    ends: Callable[..., None],
    vault: Vault,
    rows: Any,
    fault: BaseException,
    code: int,
    state: str,
) -> None:
    ends(rows, fault)
    assert deploy(liferaft).code == code
    assert json.loads(vault.get(NAME.report("json")))["verdict"]["state"] == state


def test_a_run_that_never_began_has_none(
    liferaft: Liferaft, ends: Callable[..., None], vault: Vault
) -> None:
    ends(None, VendorFailure("Nothing began."))
    ran = deploy(liferaft)
    assert ran.code == 6
    assert "report" not in ran.err
    assert vault.list("runs") == ()


def test_a_vault_that_fails_then_is_told_and_the_move_is_done(
    liferaft: Liferaft,
    ends: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    ends(FINISHED)

    def refuse(*_: Any) -> None:
        raise VaultUnavailable("main", "writing", "it does not answer")

    monkeypatch.setattr(CheckedVault, "put", refuse)
    ran = deploy(liferaft)
    assert ran.code == 0
    assert "The report is in no vault: Vault main: writing: it does not answer" in ran.err
    assert (folder / "state/liferaft/runs" / str(NAME) / "report.html").exists()


@pytest.mark.parametrize("fault", [VaultUnavailable("main", "reading", "gone"), KeyError("oops")])
def test_a_report_that_cannot_be_rendered_is_told_and_the_move_is_done(
    liferaft: Liferaft,
    ends: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    ends(FINISHED)

    def fail(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(kept, "keep_report", fail)
    ran = deploy(liferaft)
    assert ran.code == 0
    assert f"NO REPORT of run {NAME} was kept" in ran.err
    assert "Safe: What the run did is done" in ran.err
    assert f"liferaft report show {NAME}" in ran.err
