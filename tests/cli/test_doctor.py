"""`liferaft doctor`: what it exits with, and what it tells when hardly anybody answers."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from dns.resolver import NoResolverConfiguration

from liferaft.doctor import examination
from liferaft.doctor.check import Check, CheckSeverity, Diagnosis

Liferaft = Callable[..., Any]


@pytest.fixture(autouse=True)
def _nothing_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server outside is asked for anything."""

    def lack() -> NoReturn:
        raise NoResolverConfiguration

    monkeypatch.setattr("dns.asyncresolver.get_default_resolver", lack)


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> Callable[[CheckSeverity], None]:
    """Let the only question have an answer of this severity."""

    def let(severity: CheckSeverity) -> None:
        said = (Diagnosis(severity, "So it is.", "Mend it."),)
        check = Check("vault", "vault main", "Is it well?", "It matters.", lambda: said)
        monkeypatch.setattr(examination, "FAMILIES", (lambda _: [check],))

    return let


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize(
    ("severity", "code"),
    [
        (CheckSeverity.OK, 0),
        (CheckSeverity.NOTE, 0),
        (CheckSeverity.UNKNOWN, 0),
        (CheckSeverity.WARNING, 10),
        (CheckSeverity.CRITICAL, 11),
    ],
)
def test_a_script_goes_by_the_exit_code(
    liferaft: Liferaft,
    comes: Callable[[CheckSeverity], None],
    severity: CheckSeverity,
    code: int,
) -> None:
    comes(severity)
    ran = liferaft("doctor")
    assert ran.code == code
    assert f"{severity.upper():<9} vault main: So it is." in ran.out
    told = json.loads(liferaft("doctor", "north", "--json").out)
    assert (told["site"], told["checks"][0]["severity"]) == ("north", severity)


@pytest.mark.usefixtures("east_reigns")
def test_with_a_primary_and_a_dns_vendor_that_answer_nobody_each_is_named(
    liferaft: Liferaft, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No cloud has credentials here, and no DNS vendor is at its address."""
    path = folder / "liferaft.toml"
    path.write_text(path.read_text().replace('host = "192.0.2.1"', 'host = "127.0.0.1"\nport = 9'))
    for name in os.environ:
        if name.startswith(("AWS_", "HCLOUD_", "HETZNER_")):
            monkeypatch.delenv(name)
    ran = liferaft("doctor")
    assert ran.code == 11, ran.err
    assert "CRITICAL  site north: " in ran.out
    assert "hetzner needs the credential" in ran.out
    assert "WARNING   site east: " in ran.out
    assert "CRITICAL  DNS vendor one: " in ran.out
    assert "OK        vault main: It answers" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert "a defect" not in ran.out


def test_a_site_that_is_not_declared_is_bad_input(liferaft: Liferaft) -> None:
    assert liferaft("doctor", "nowhere").code == 3
