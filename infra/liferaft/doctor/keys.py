"""What whoever steals a key of a vault could destroy: as it was tried last, since trying writes."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.evidence.watch import words
from liferaft.moves.vault_findings import stores_found
from liferaft.vault import VaultRefused, layout, open_vault, silent_vaults
from liferaft.vault.tried import VaultFinding, VaultTried, last_tried, without_versions

STALE: Final = timedelta(days=30)
_TRY: Final = "`liferaft deploy` of the site that reigns tries it."


def of_keys(patient: Patient) -> Iterator[Check]:
    """Of each vault that servers reach. No server holds the keys of a folder."""
    for name, vault in patient.config.vaults.items():
        if not vault.url.startswith("file:"):
            yield Check(
                "vault-pairs",
                f"vault {name}",
                f"Does vault {name} answer to the pairs of keys that servers are given?",
                "A pair that was revoked is met by the archive, or in the middle of a restore.",
                partial(_pairs, patient, name),
            )
            yield Check(
                "vault-keys",
                f"vault {name}",
                f"Could whoever steals a key of vault {name} destroy what is there?",
                "A failover after a theft needs what the store keeps of the past.",
                partial(_keys, patient, name),
            )


def _pairs(patient: Patient, name: str) -> Answers:
    """By a listing each: whether one may do what it is for, trying would have to write."""
    vault, keys = patient.config.vaults[name], patient.credentials.vaults[name]
    declared = {"servers hold": keys.hosts, "servers are given to read": keys.reading}
    given = {"servers hold": keys.held_by_hosts(), "servers are given to read": keys.for_reading()}
    found = []
    for whose, pair in declared.items():
        if pair is None:
            continue
        try:
            opened = open_vault(name, vault, given[whose], prefix=patient.config.app.name)
            opened.list(layout.EPOCHS)
        except VaultRefused as refusal:
            finding = f"It refuses the pair that {whose} ({refusal.facts.happened.rstrip('.')})."
            do = "Correct LIFERAFT_HOSTS_VAULT_… or …_READING_VAULT_…, then `liferaft deploy`."
            found.append(Diagnosis(CheckSeverity.CRITICAL, finding, do))
        else:
            found.append(Diagnosis(CheckSeverity.OK, f"It answers to the pair that {whose}."))
    none = Diagnosis(
        CheckSeverity.NOTE,
        "None is declared: servers hold the operator's pair, which may delete all that is there.",
        "Declare LIFERAFT_HOSTS_VAULT_… and LIFERAFT_READING_VAULT_…: docs/vaults.md.",
    )
    return found or (none,)


def _keys(patient: Patient, name: str) -> Answers:
    if patient.trouble is not None or name in silent_vaults(patient.vault):
        finding = "NOT KNOWN: the vault does not answer."
        return (Diagnosis(CheckSeverity.UNKNOWN, finding, is_answered=False),)
    tried = next((one for one in last_tried(patient.vault) if one.vault == name), None)
    asked = stores_found(patient.config, patient.credentials, [name])
    if tried is None:
        finding = "Its keys were never tried, nor what it keeps."
        never = Diagnosis(CheckSeverity.WARNING, finding, _TRY)
        return (never, *map(_found, asked))
    then = [one for one in tried.findings if one != without_versions(name)]
    findings = tuple(dict.fromkeys((*asked, *then)))
    return (*map(_found, findings), *_keeping(patient, tried, is_well=not findings))


def _found(finding: VaultFinding) -> Diagnosis:
    happened = f"{finding.happened[:1].upper()}{finding.happened[1:]}."
    return Diagnosis(CheckSeverity.WARNING, happened, finding.do)


def _keeping(patient: Patient, tried: VaultTried, *, is_well: bool) -> Iterator[Diagnosis]:
    ago = timedelta(seconds=max(0.0, tried.age(patient.now)))
    said = f"Tried {words(ago)} ago, not now: {tried.keeping}."
    if ago > STALE:
        yield Diagnosis(CheckSeverity.NOTE, said, _TRY)
    elif tried.lock is None:
        yield Diagnosis(
            CheckSeverity.NOTE, said, "A lock keeps even the operator's key from destroying."
        )
    elif is_well:
        yield Diagnosis(CheckSeverity.OK, said)
