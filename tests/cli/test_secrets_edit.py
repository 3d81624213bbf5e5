"""`liferaft secrets edit`: an editor on a file in memory."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.secrets import SecretsChain
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
Editor = Callable[[str], None]
DECLARED = "\n[secrets.A]\n\n[secrets.B]\n"


@pytest.fixture(autouse=True)
def declared(folder: Path, liferaft: Liferaft) -> None:
    path = folder / "liferaft.toml"
    path.write_text(path.read_text() + DECLARED)
    assert liferaft("secrets", "set", "A", typed="one\ntwo").code == 0


@pytest.fixture
def editor(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Let the editor be a shell's words, with the file as $1; it notes where that is."""

    def be(words: str) -> None:
        program = folder / "editor.sh"
        program.write_text(f'#!/bin/sh\necho "$1" >{folder}/edited\n{words}\n')
        program.chmod(0o755)
        monkeypatch.setenv("VISUAL", str(program))

    return be


def values(vault: Vault) -> dict[str, str]:
    kept = SecretsChain(vault).newest(Path(os.environ["LIFERAFT_IDENTITY_FILE"]))
    assert kept is not None
    return {name: one.get_secret_value() for name, one in kept.own.items()}


def test_what_was_written_is_kept_and_the_file_is_gone(
    liferaft: Liferaft, vault: Vault, editor: Editor, folder: Path
) -> None:
    editor("""grep -q two "$1" && echo 'B = "new"' >>"$1" """)
    ran = liferaft("secrets", "edit")
    assert ran.code == 0, ran.err
    assert values(vault) == {"A": "one\ntwo", "B": "new"}
    assert "B: kept" in ran.err
    assert "new" not in ran.out + ran.err
    assert not Path((folder / "edited").read_text().strip()).parent.exists()


def test_a_name_that_is_deleted_loses_its_value(
    liferaft: Liferaft, vault: Vault, editor: Editor
) -> None:
    editor("""echo 'B = "new"' >"$1" """)
    assert liferaft("secrets", "edit").code == 0
    assert values(vault) == {"B": "new"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (":", 0, "Nothing was changed"),
        ("exit 3", 4, "ended with code 3"),
        ("""echo 'A = hush' >"$1" """, 3, "no TOML"),
        ("""echo 'A = 3' >"$1" """, 3, "A is no text"),
        ("""echo 'OTHER = "hush"' >>"$1" """, 3, "declares no secret OTHER"),
        ("""echo 'A = ""' >"$1" """, 3, "is empty"),
        ("""rm "$1" """, 3, "cannot be read any more"),
    ],
)
def test_what_is_wrong_changes_nothing_and_quotes_nothing(
    liferaft: Liferaft, vault: Vault, editor: Editor, words: str, code: int, said: str
) -> None:
    editor(words)
    ran = liferaft("secrets", "edit")
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert "hush" not in ran.err
    assert (values(vault), len(vault.list("secrets"))) == ({"A": "one\ntwo"}, 1)


def test_who_changed_one_meanwhile_is_not_overwritten(
    liferaft: Liferaft, vault: Vault, editor: Editor, folder: Path
) -> None:
    editor(
        f"""cd {folder} && echo theirs | {folder}/../liferaft.sh secrets set B
echo 'A = "mine"' >"$1" """
    )
    program = folder.parent / "liferaft.sh"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m liferaft_cli "$@"\n')
    program.chmod(0o755)
    ran = liferaft("secrets", "edit")
    assert (ran.code, "while you edited" in ran.err) == (5, True), ran.err
    assert values(vault) == {"A": "one\ntwo", "B": "theirs"}
