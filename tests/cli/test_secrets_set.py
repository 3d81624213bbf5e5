"""`liferaft secrets set`: a value comes in by any way but argv, and goes nowhere else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.secrets import SecretsChain
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
DECLARED = '\n[secrets.SMTP_PASSWORD]\n\n[secrets.APP_KEY]\ngenerate = "hex"\n'
TOLD = "\n    environment: {SMTP: 'smtp://app:${SMTP_PASSWORD}@mail'}\n"


@pytest.fixture(autouse=True)
def declared(folder: Path) -> None:
    path = folder / "liferaft.toml"
    path.write_text(path.read_text() + DECLARED)
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().rstrip() + TOLD)


def value(vault: Vault, name: str = "SMTP_PASSWORD") -> str:
    kept = SecretsChain(vault).newest(Path(os.environ["LIFERAFT_IDENTITY_FILE"]))
    assert kept is not None
    return kept.own[name].get_secret_value()


def everything(folder: Path) -> bytes:
    """All that lies in the operator's folder: vault, state, journals."""
    return b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "given"
    )


def test_a_value_from_standard_input_is_kept_sealed_and_shown_nowhere(
    liferaft: Liferaft, vault: Vault, folder: Path
) -> None:
    ran = liferaft("secrets", "set", "SMTP_PASSWORD", typed="hush-hush\n")
    assert ran.code == 0, ran.err
    assert value(vault) == "hush-hush"
    assert "web is told it by the next `liferaft deploy`" in ran.err
    assert "hush-hush" not in ran.out + ran.err
    assert b"hush-hush" not in everything(folder)


@pytest.mark.usefixtures("east_reigns")
def test_a_value_from_a_file_may_have_several_lines(
    liferaft: Liferaft, vault: Vault, folder: Path
) -> None:
    (folder / "given").write_text("-----BEGIN\nrows\n-----END\n")
    ran = liferaft("secrets", "set", "APP_KEY", "--file", "given")
    assert ran.code == 0, ran.err
    assert value(vault, "APP_KEY") == "-----BEGIN\nrows\n-----END"


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        (("SMPT_PASSWORD",), "x", 3, "Did you mean SMTP_PASSWORD?"),
        (("OTHER",), "x", 3, "[secrets.OTHER]"),
        (("SMTP_PASSWORD",), "\n", 3, "is empty"),
        (("SMTP_PASSWORD",), "x" * 70_000, 3, "larger than 64 KiB"),
        (("SMTP_PASSWORD",), "a\0b", 3, "is no text"),
        (("SMTP_PASSWORD",), "a\nb\n", 3, "several lines, and services are told it in a variable"),
        (("SMTP_PASSWORD", "--file", "not-there"), "", 3, "cannot be read from not-there"),
        (("SMTP_PASSWORD", "hush"), "", 2, "unexpected extra argument"),
    ],
)
def test_what_is_wrong_is_one_message_and_changes_nothing(
    liferaft: Liferaft, vault: Vault, arguments: tuple[str, ...], typed: str, code: int, said: str
) -> None:
    ran = liferaft("secrets", "set", *arguments, typed=typed)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert "Traceback" not in ran.err
    assert SecretsChain(vault).told() is None


def test_a_deploy_without_a_secrets_value_is_refused_before_anything(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("plan", "deploy", "east")
    assert ran.code == 3
    assert "Secret SMTP_PASSWORD of web has no value" in ran.err
    assert "liferaft secrets set" in ran.err
    liferaft("secrets", "set", "SMTP_PASSWORD", typed="x")
    assert liferaft("plan", "deploy", "east").code == 0
