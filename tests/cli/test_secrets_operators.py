"""Operators come, show that they can open what is kept, and go."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest

from liferaft.config import load
from liferaft.data.registry import configs
from liferaft.recovery import blueprint as blueprints
from liferaft.recovery.gathering import gather
from liferaft.secrets import CannotOpen, SecretsChain, read_secrets
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("east_reigns")


@dataclass(frozen=True)
class Somebody:
    recipient: str
    identity: Path


@pytest.fixture
def bob(tmp_path: Path) -> Somebody:
    key = pyrage.x25519.Identity.generate()
    path = tmp_path / "bobs-identity"
    path.write_text(str(key))
    path.chmod(0o600)
    return Somebody(str(key.to_public()), path)


@pytest.fixture
def ann() -> Somebody:
    """Who works in these tests."""
    return Somebody(os.environ["LIFERAFT_RECIPIENT"], Path(os.environ["LIFERAFT_IDENTITY_FILE"]))


def opens(vault: Vault, who: Somebody) -> bool:
    """Whether somebody opens the newest secrets."""
    try:
        return SecretsChain(vault).newest(who.identity) is not None
    except CannotOpen:
        return False


def proved(liferaft: Liferaft) -> dict[str, bool]:
    told = json.loads(liferaft("secrets", "list", "--json").out)
    return {one["recipient"]: one["proved_at"] is not None for one in told["operators"]}


def test_an_operator_who_is_added_opens_everything_and_proves_it(
    liferaft: Liferaft,
    vault: Vault,
    folder: Path,
    ann: Somebody,
    bob: Somebody,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blueprints.keep(
        *(vault, 1, gather(load(folder / "liferaft.toml", configs()), ())),
        secrets=read_secrets(vault, 1, ann.identity),
        recipients=[ann.recipient],
        at="2026-11-30T08:00:00+00:00",
    )
    ran = liferaft("secrets", "add-operator", bob.recipient)
    assert ran.code == 0, ran.err
    assert bob.recipient in (folder / "liferaft.toml").read_text()
    assert read_secrets(vault, 1, bob.identity) == read_secrets(vault, 1, ann.identity)
    assert blueprints.newest(vault, 1, bob.identity).epoch == 1
    assert proved(liferaft) == {ann.recipient: False, bob.recipient: False}
    assert liferaft("secrets", "prove").code == 0
    assert proved(liferaft) == {ann.recipient: True, bob.recipient: False}
    monkeypatch.setenv("LIFERAFT_IDENTITY_FILE", str(bob.identity))
    ran = liferaft("secrets", "prove")
    assert "Never proved" not in ran.err
    assert proved(liferaft) == {ann.recipient: True, bob.recipient: True}


def test_adding_somebody_again_and_proving_again_change_nothing(
    liferaft: Liferaft, vault: Vault, bob: Somebody
) -> None:
    for _ in range(2):
        assert liferaft("secrets", "add-operator", bob.recipient).code == 0
        assert liferaft("secrets", "prove").code == 0
    assert vault.list("secrets") == ("secrets/00000001", "secrets/00000002")


def test_an_identity_of_nobody_proves_nothing(
    liferaft: Liferaft, vault: Vault, bob: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFERAFT_IDENTITY_FILE", str(bob.identity))
    ran = liferaft("secrets", "prove")
    assert ran.code == 3
    assert "does not open the app's secrets" in ran.err
    assert SecretsChain(vault).told() is None


def test_who_is_removed_opens_nothing_from_then_on_whatever_an_old_liferaft_toml_says(
    liferaft: Liferaft, vault: Vault, folder: Path, ann: Somebody, bob: Somebody
) -> None:
    path = folder / "liferaft.toml"
    path.write_text(path.read_text() + "\n[secrets.KEY]\n")
    liferaft("secrets", "add-operator", bob.recipient)
    old = path.read_text()
    assert opens(vault, bob)
    ran = liferaft("secrets", "remove-operator", bob.recipient, "--yes")
    assert ran.code == 0, ran.err
    assert "Rotate it" in ran.err
    assert bob.recipient not in path.read_text()
    path.write_text(old)
    assert liferaft("secrets", "set", "KEY", typed="new").code == 0
    assert (opens(vault, ann), opens(vault, bob)) == (True, False)
    assert liferaft("secrets", "add-operator", bob.recipient).code == 0
    assert opens(vault, bob)


def test_nobody_shuts_themself_out(
    liferaft: Liferaft, folder: Path, ann: Somebody, bob: Somebody
) -> None:
    liferaft("secrets", "add-operator", bob.recipient)
    ran = liferaft("secrets", "remove-operator", ann.recipient, "--yes")
    assert ran.code == 4
    assert "another operator" in ran.err
    assert "env/LIFERAFT_RECIPIENT" in (folder / "liferaft.toml").read_text()


@pytest.mark.parametrize("wrong", ["age1", "age1" + "q" * 58, "ssh-ed25519 AAAA"])
def test_what_is_no_public_key_is_refused_in_one_message(liferaft: Liferaft, wrong: str) -> None:
    ran = liferaft("secrets", "add-operator", wrong)
    assert ran.code == 3
    assert "no age public key" in ran.err
