"""One place turns errors into words and exit codes; nobody is shown a traceback."""

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from errno import EMFILE
from pathlib import Path
from typing import Any

import click
import pytest
from tests.commands import leaves

from liferaft.evidence import standing
from liferaft.failures import Failure
from liferaft_cli import folders
from liferaft_cli.main import liferaft as group
from liferaft_cli.main import show_failure

Liferaft = Callable[..., Any]


@pytest.mark.parametrize("words", dict(leaves(group)), ids=" ".join)
def test_every_command_explains_itself_with_an_example(
    liferaft: Liferaft, words: tuple[str, ...]
) -> None:
    ran = liferaft(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Example: liferaft {' '.join(words)}" in ran.out


def test_help_lists_every_exit_code(liferaft: Liferaft) -> None:
    ran = liferaft("--help")
    assert ran.code == 0
    words = " ".join(ran.out.split())
    for code in ("3 the configuration", "8 the plan was shown", "70 liferaft itself"):
        assert code in words


def test_an_unknown_command_is_a_matter_of_usage(liferaft: Liferaft) -> None:
    ran = liferaft("fly")
    assert ran.code == 2
    assert "No such command 'fly'" in ran.err


def test_a_failure_is_told_by_what_happened_what_is_safe_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_failure(
        Failure(
            "Creating server app-1 was refused",
            safe="Nothing was changed.",
            do="Raise the quota.",
            details={"code": "QuotaExceeded"},
        )
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Creating server app-1 was refused",
        "  code: QuotaExceeded",
        "Safe: Nothing was changed.",
        "Now:  Raise the quota.",
    ]


@pytest.mark.sandbox  # an interpreter of its own: this one's warnings are pytest's
def test_what_libraries_warn_developers_of_is_not_shown_to_operators() -> None:
    program = """
import warnings, click
from liferaft_cli.main import liferaft, main
warn = lambda: warnings.warn("Unable to find acceptable character detection")
liferaft.add_command(click.Command("warning", callback=warn))
main(["warning"])
"""
    argv = [sys.executable, "-W", "always", "-c", program]
    ran = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_defect_is_told_in_one_message_and_its_traceback_kept_for_its_owner(
    liferaft: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr(standing, "standing", broken)
    ran = liferaft("status")
    assert ran.code == 70
    assert "liferaft itself has a defect: KeyError" in ran.err
    assert "Traceback" not in ran.err
    assert "hunter2" not in ran.err
    found = re.search(r"traceback in (\S+)", ran.err)
    assert found
    kept = Path(found[1])
    assert kept.is_relative_to(folder / "state" / "liferaft")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "KeyError: 'hunter2'" in kept.read_text()


def test_a_defect_is_told_even_where_nothing_can_be_kept_at_home(
    liferaft: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    (folder / "state").write_text("a file where a folder should be")
    monkeypatch.setattr(standing, "standing", broken)
    ran = liferaft("status")
    assert ran.code == 70
    found = re.search(r"traceback in (\S+)", ran.err)
    assert found
    assert "KeyError" in Path(found[1]).read_text()


def test_a_defect_is_told_even_where_nothing_can_be_kept_at_all(
    liferaft: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    (folder / "state").write_text("a file where a folder should be")
    monkeypatch.setattr(standing, "standing", broken)
    monkeypatch.setattr("tempfile.mkdtemp", full)
    ran = liferaft("status")
    assert ran.code == 70
    assert "has a defect: KeyError" in ran.err
    assert "free some space" in ran.err


def test_a_defect_is_told_even_where_no_further_module_can_be_loaded(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        monkeypatch.setattr(sys, "meta_path", [])  # as with too many open files
        raise OSError(EMFILE, "a secret")

    monkeypatch.delitem(sys.modules, "liferaft_cli.bugs", raising=False)
    monkeypatch.delattr("liferaft_cli.bugs", raising=False)
    monkeypatch.setitem(group.commands, "fail", click.Command("fail", callback=fail))
    ran = liferaft("fail")
    assert ran.code == 70
    assert "liferaft itself has a defect: OSError" in ran.err
    assert "a secret" not in ran.err


def test_who_has_no_home_has_a_place_for_journals(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert folders.state().is_absolute()


def test_ctrl_c_says_how_to_go_on(liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(standing, "standing", interrupted)
    ran = liferaft("status")
    assert ran.code == 130
    assert "Interrupted. Run the same command again" in ran.err


def test_what_a_room_goes_on_in_spite_of_is_said(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worried(*_: object) -> standing.Standing:
        logging.getLogger("liferaft.journal.lease").warning("The lease was not renewed: %s", "x")
        logging.getLogger("botocore").warning("of no interest")
        return standing.Standing(None, None, None, None, None, ())

    monkeypatch.setattr(standing, "standing", worried)
    ran = liferaft("status")
    assert ran.code == 0
    assert ran.err == "The lease was not renewed: x\n"
