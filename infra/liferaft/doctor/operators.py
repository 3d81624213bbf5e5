"""Whether those who may have to move the application have shown that they can open its secrets."""

from collections.abc import Iterator

from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.secrets import SecretsChain

_PROVE = "Let each run `liferaft secrets prove` with their identity."


def of_operators(patient: Patient) -> Iterator[Check]:
    """Of all together: it is asked of the vaults, and needs nobody's identity."""
    yield Check(
        "operators-prove",
        "operators",
        "Has each operator shown that their identity opens the secrets?",
        "Whose identity is lost, or another than the one that was written down, learns it in the "
        "failover.",
        lambda: _proved(patient),
    )


def _proved(patient: Patient) -> Answers:
    told = SecretsChain(patient.vault).told()
    if told is None:
        never = "Nobody has: no operator proved it yet."
        return (Diagnosis(CheckSeverity.NOTE, never, _PROVE),)
    if not told.unproved:
        count = len(told.operators)
        return (Diagnosis(CheckSeverity.OK, f"Each has, of {count}."),)
    names = ", ".join(told.unproved)
    return (Diagnosis(CheckSeverity.WARNING, f"Never proved: {names}.", _PROVE),)
