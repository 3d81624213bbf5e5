"""Reports as they are kept: beside their journals in the vaults, rendered anew where one has grown.

A report is made of its journal, so nothing is lost with one: whoever asks next renders it again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from liferaft.evidence.compared import SHOWN
from liferaft.evidence.document import Document, Earlier
from liferaft.evidence.page import page
from liferaft.evidence.report import all_runs, digest_of, projected
from liferaft.failures import Failure
from liferaft.journal import Event, JournalBroken, RunName, RunRecord, what_is_left
from liferaft.journal.reading import read_each
from liferaft.vault import Damaged, KeyMissing, Vault, VaultFailure

FORMS: Final = ("html", "json")
_LOOKED_AT: Final = 100
"""Runs before it, of any move, among which earlier ones of the same move are looked for."""


@dataclass(frozen=True)
class KeptReport:
    """One report. files: by form, as they are to lie in a vault and anywhere else.

    trouble: why it is in no vault now; None where it is.
    """

    document: Document
    files: Mapping[str, bytes] = field(repr=False)
    trouble: VaultFailure | None = None


def keep_report(vault: Vault, name: RunName) -> KeptReport:
    """The report of a run, as the vault has it; rendered and written where that is none, or is of a
    shorter journal. Blocks. Raises JournalBroken for a run whose beginning nobody can read."""
    run = what_is_left(vault, name)
    if not run.has_beginning:
        raise run.faults[0] if run.faults else JournalBroken(f"Run {name} has no beginning")
    return _stored(vault, run) or _written(vault, run)


def stored_document(vault: Vault, name: RunName) -> Document | None:
    """What `report.json` says; None where there is none that can be read. Blocks."""
    try:
        return Document.model_validate_json(vault.get(name.report("json")))
    except (KeyMissing, Damaged, ValidationError):
        return None


def _stored(vault: Vault, run: RunRecord) -> KeptReport | None:
    document = stored_document(vault, run.name)
    if document is None or document.journal.sha256 != digest_of(run.events):
        return None
    files: dict[str, bytes] = {}
    for form, read in zip(FORMS, read_each(vault, _keys(run.name)), strict=True):
        if isinstance(read, KeyMissing | Damaged):
            return None
        files[form] = read
    return KeptReport(document, files)


def _keys(name: RunName) -> list[str]:
    return [name.report(form) for form in FORMS]


def _written(vault: Vault, run: RunRecord) -> KeptReport:
    try:
        earlier = tuple(earlier_runs(vault, run))
    except VaultFailure:  # a report without history is worth more than none
        earlier = ()
    document = projected(run, earlier)
    files = {"html": page(document), "json": document.to_json()}
    try:
        for form, body in files.items():
            vault.put(run.name.report(form), body)
    except VaultFailure as failure:
        return KeptReport(document, files, failure)
    return KeptReport(document, files)


def earlier_runs(vault: Vault, run: RunRecord) -> Iterator[Earlier]:
    """Finished runs of the same move before this one, the newest first. Blocks."""
    mine = run.name.run
    names = [name for name in all_runs(vault) if name.run < mine and name.among == run.name.among]
    names = names[:_LOOKED_AT]
    found = 0
    for name, read in zip(names, read_each(vault, [one.key(1) for one in names]), strict=True):
        if found == SHOWN:
            return
        if isinstance(read, bytes) and Event.from_json(read).facts.get("move") == run.move:
            document = _document_of(vault, name)
            if document is not None and document.finished:
                found += 1
                yield _earlier(document)


def _document_of(vault: Vault, name: RunName) -> Document | None:
    """By its report, or by its journal where there is none; None where that is not whole."""
    stored = stored_document(vault, name)
    if stored is not None and stored.finished:
        return stored
    try:
        record = what_is_left(vault, name)
    except Failure:
        return None
    return None if record.faults else projected(record)


def _earlier(document: Document) -> Earlier:
    return Earlier(
        run=document.run,
        began=document.began,
        site=document.site,
        seconds=document.seconds,
        rto=document.rto.seconds if document.rto else None,
        rpo=document.rpo.seconds if document.rpo else None,
    )
