"""Operators who never showed that they can open the secrets are told by the doctor."""

from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from tests.doctor.conftest import Find

from liferaft.doctor import operators
from liferaft.doctor.patient import Patient
from liferaft.secrets import AppSecrets, KeptSecrets, SecretsChain, ToldSecrets

Called = Callable[..., Patient]
pytestmark = pytest.mark.usefixtures("east_reigns")


def said(patient: Patient, find: Find) -> str:
    (one,) = find(operators.of_operators(patient), "operators-prove")
    return f"{one.severity}: {one.finding}"


def test_who_never_proved_it_is_named_until_they_do(
    patient: Called, find: Find, tmp_path: Path
) -> None:
    asked = patient()
    assert said(asked, find).startswith("note: Nobody has")
    ann, bob = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    file = tmp_path / "anns"
    file.touch(mode=0o600)
    file.write_text(str(ann))
    names = [str(one.to_public()) for one in (ann, bob)]
    made = KeptSecrets(ToldSecrets(0), AppSecrets.generate()).with_operators(names)
    chain = SecretsChain(asked.vault)
    kept = chain.append(made, file)
    assert said(asked, find) == f"warning: Never proved: {names[0]}, {names[1]}."
    proved = kept.with_proof(file, "ann@desk", "2026-11-30T08:00:00+00:00")
    kept = chain.append(proved, file)
    assert said(asked, find) == f"warning: Never proved: {names[1]}."
    chain.append(kept.without_operator(names[1]), file)
    assert said(asked, find) == "ok: Each has, of 1."
