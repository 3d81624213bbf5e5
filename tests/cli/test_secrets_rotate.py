"""`liferaft secrets rotate`: a new value, drawn or given."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.secrets import SecretsChain, read_secrets
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
DECLARED = '\n[secrets.SMTP]\n\n[secrets.APP_KEY]\ngenerate = "hex"\n'


@pytest.fixture(autouse=True)
def declared(folder: Path) -> None:
    path = folder / "liferaft.toml"
    path.write_text(path.read_text() + DECLARED)


def value(vault: Vault, name: str) -> str:
    kept = SecretsChain(vault).newest(Path(os.environ["LIFERAFT_IDENTITY_FILE"]))
    assert kept is not None
    return kept.own[name].get_secret_value()


def test_one_that_is_drawn_is_drawn_anew_and_shown_nowhere(
    liferaft: Liferaft, vault: Vault
) -> None:
    assert liferaft("secrets", "rotate", "APP_KEY").code == 0
    first = value(vault, "APP_KEY")
    ran = liferaft("secrets", "rotate", "APP_KEY")
    second = value(vault, "APP_KEY")
    assert first != second
    assert len(second) == 64
    assert second not in ran.out + ran.err


def test_one_that_an_operator_sets_is_asked_for(liferaft: Liferaft, vault: Vault) -> None:
    assert liferaft("secrets", "rotate", "SMTP", typed="new\n").code == 0
    assert value(vault, "SMTP") == "new"
    assert liferaft("secrets", "rotate", "SMTP").code == 3, "an empty value is none"
    assert value(vault, "SMTP") == "new"


@pytest.mark.usefixtures("east_reigns")
def test_the_databases_password_is_drawn_anew_and_all_else_of_liferafts_stays(
    liferaft: Liferaft, vault: Vault
) -> None:
    identity = Path(os.environ["LIFERAFT_IDENTITY_FILE"])
    before = read_secrets(vault, 1, identity).to_document()
    ran = liferaft("secrets", "rotate", "database-password")
    assert ran.code == 0, ran.err
    assert "until `liferaft deploy`" in ran.err
    after = read_secrets(vault, 1, identity).to_document()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"postgres_password"}
    assert after["postgres_password"] not in ran.out + ran.err
    told = SecretsChain(vault).told()
    assert told is not None
    assert told.rotated["database-password"].is_generated
    given = liferaft("secrets", "rotate", "database-password", "--file", "liferaft.toml")
    assert given.code == 2


@pytest.mark.parametrize(
    ("password", "way"),
    [
        ("${SMTP}", "Run `liferaft secrets rotate SMTP`, then `liferaft deploy`"),
        ("of-the-file", "Change it where compose.yaml has it from"),
    ],
)
def test_a_password_that_the_compose_file_says_is_changed_there(
    liferaft: Liferaft, vault: Vault, folder: Path, password: str, way: str
) -> None:
    path, compose = folder / "liferaft.toml", folder / "compose.yaml"
    path.write_text(
        path.read_text().replace('kind = "postgres"', 'kind = "postgres"\nservice = "db"')
    )
    told = f"POSTGRES_USER: a, POSTGRES_PASSWORD: '{password}'"
    db = f"db: {{image: 'p:1', environment: {{{told}}}}}"
    compose.write_text(f"{compose.read_text().rstrip()}\n  {db}\n")
    ran = liferaft("secrets", "rotate", "database-password")
    assert (ran.code, way in ran.err) == (3, True), ran.err
    assert SecretsChain(vault).told() is None
