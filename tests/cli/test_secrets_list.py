"""`liferaft secrets list`: names, moments, who is told; never a value, and no identity needed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Liferaft = Callable[..., Any]
DECLARED = '\n[secrets.SMTP_PASSWORD]\n\n[secrets.APP_KEY]\ngenerate = "hex"\n'


@pytest.fixture(autouse=True)
def declared(folder: Path) -> None:
    path = folder / "liferaft.toml"
    path.write_text(path.read_text() + DECLARED)
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().rstrip() + "\n    environment: [SMTP_PASSWORD]\n")


def test_what_is_set_and_what_is_not_is_told(
    liferaft: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert liferaft("secrets", "set", "SMTP_PASSWORD", typed="hush-hush\n").code == 0
    (folder / "identity").unlink()
    monkeypatch.setenv("LIFERAFT_IDENTITY_FILE", str(folder / "gone"))
    ran = liferaft("secrets", "list")
    assert ran.code == 0, ran.err
    first, second, operator = ran.out.splitlines()
    assert first.startswith("SMTP_PASSWORD: set 20")
    assert first.endswith("; told to web")
    assert second == "APP_KEY: has NO VALUE yet; told to no service"
    assert operator.endswith("NEVER PROVED to open them")
    assert "hush-hush" not in ran.out


def test_json_has_the_same_for_machines(liferaft: Liferaft) -> None:
    before = json.loads(liferaft("secrets", "list", "--json").out)
    assert (before["number"], before["operators"]) == (0, [])
    liferaft("secrets", "set", "SMTP_PASSWORD", typed="hush-hush\n")
    told = json.loads(liferaft("secrets", "list", "--json").out)
    smtp, key = told["secrets"]
    assert (smtp["name"], smtp["generated"], smtp["services"]) == ("SMTP_PASSWORD", False, ["web"])
    assert (key["name"], key["at"], key["declared"]) == ("APP_KEY", None, True)
    assert [one["proved_at"] for one in told["operators"]] == [None]


def test_a_secret_that_is_declared_no_more_is_told_as_such(
    liferaft: Liferaft, folder: Path
) -> None:
    liferaft("secrets", "set", "SMTP_PASSWORD", typed="x")
    (folder / "compose.yaml").write_text(
        (folder / "compose.yaml").read_text().replace("    environment: [SMTP_PASSWORD]\n", "")
    )
    path = folder / "liferaft.toml"
    path.write_text(path.read_text().replace("[secrets.SMTP_PASSWORD]\n", ""))
    (row,) = (
        one
        for one in liferaft("secrets", "list").out.splitlines()
        if one.startswith("SMTP_PASSWORD")
    )
    assert row.endswith("liferaft.toml does not declare it")
