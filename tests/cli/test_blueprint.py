"""`liferaft blueprint`: a laptop that has a vault's keys and an identity, and nothing else."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.config import load
from liferaft.data.registry import configs
from liferaft.recovery import blueprint as blueprints
from liferaft.recovery.gathering import gather
from liferaft.secrets import read_secrets
from liferaft.vault import Vault

Liferaft = Callable[..., Any]


@pytest.fixture
def kept(vault: Vault, folder: Path, request: pytest.FixtureRequest) -> str:
    """An application whose blueprint was kept; the vault's URL."""
    request.getfixturevalue("east_reigns")
    identity = Path(os.environ["LIFERAFT_IDENTITY_FILE"])
    blueprints.keep(
        *(vault, 1, gather(load(folder / "liferaft.toml", configs()), ())),
        secrets=read_secrets(vault, 1, identity),
        recipients=[os.environ["LIFERAFT_RECIPIENT"]],
        at="2026-11-30T08:00:00+00:00",
    )
    return f"file://{folder}/vault"


def test_the_application_is_operated_from_what_was_fetched(
    liferaft: Liferaft, kept: str, folder: Path
) -> None:
    ran = liferaft("blueprint", kept, "--app", "chirp", "--into", "anew")
    assert ran.code == 0, ran.err
    assert "kept at 2026-11-30T08:00:00+00:00 in epoch 1" in ran.out
    assert "liferaft status --config anew/liferaft.toml" in ran.out
    (folder / "liferaft.toml").unlink()
    listed = liferaft("snapshot", "list", "--config", "anew/liferaft.toml")
    assert (listed.code, listed.out) == (0, "There is no recovery point of this reign yet.\n")


def test_variables_that_are_still_to_be_set_are_told(
    liferaft: Liferaft, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERDNS_API_KEY")
    monkeypatch.delenv("LIFERAFT_RECIPIENT")
    ran = liferaft("blueprint", kept, "--app", "chirp", "--into", "anew", "--json")
    assert set(json.loads(ran.out)["missing"]) == {"POWERDNS_API_KEY", "LIFERAFT_RECIPIENT"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("https://vault", "--app", "chirp", "--into", "anew"), "s3://BUCKET"),
        (("s3://vault", "--app", "chirp", "--into", "anew"), "LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID"),
        (("s3://v", "--app", "chirp", "--endpoint", "http://a", "--into", "x"), "is not valid"),
    ],
)
def test_what_is_wrong_is_told_in_one_message(
    liferaft: Liferaft, wrong: tuple[str, ...], said: str
) -> None:
    ran = liferaft("blueprint", *wrong)
    assert ran.code == 3
    assert said in ran.err


def test_a_folder_with_something_in_it_is_refused_before_the_vault_is_asked(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("blueprint", "s3://vault", "--app", "chirp", "--into", ".")
    assert ran.code == 3
    assert "is not empty" in ran.err


def test_an_application_that_the_vault_does_not_know_is_told_so(
    liferaft: Liferaft, kept: str
) -> None:
    ran = liferaft("blueprint", kept, "--app", "other", "--into", "anew")
    assert ran.code == 4
    assert not Path("anew").exists()
