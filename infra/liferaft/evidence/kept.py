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
from liferaft.evidence.sessions import is_of_data, without
from liferaft.failures import Altered, Failure
from liferaft.journal import Event, JournalBroken, RunName, RunRecord, what_is_left
from liferaft.journal.reading import read_each
from liferaft.secrets import Signer
from liferaft.vault import Damaged, KeyMissing, Vault, VaultFailure

FORMS: Final = ("html", "json")
NAMESPACE: Final = "liferaft-report"
"""What the signature of a report is for: it is good for nothing else."""
_LOOKED_AT: Final = 100
"""Runs before it, of any move, among which earlier ones of the same move are looked for."""


@dataclass(frozen=True)
class KeptReport:
    """One report. files: by form, as they are to lie in a vault and anywhere else; a signature is a
    form as well, such as `html.sig`.

    trouble: why it is in no vault now; None where it is.
    """

    document: Document
    files: Mapping[str, bytes] = field(repr=False)
    trouble: VaultFailure | None = None


def keep_report(
    vault: Vault, name: RunName, signer: Signer | None = None, *, anew: bool = False
) -> KeptReport:
    """The report of a run, as the vault has it; rendered, signed and written where that is none, is
    of a shorter journal or is not signed, or `anew` in any case. Without a signer it is left as it
    is, or is not signed. Blocks.

    Raises JournalBroken for a run whose beginning nobody can read, Altered for a report that is not
    as it was signed.
    """
    run = what_is_left(vault, name)
    if not run.has_beginning:
        raise run.faults[0] if run.faults else JournalBroken(f"Run {name} has no beginning")
    found = None if anew else _stored(vault, run, signed=signer is not None)
    if found is None:
        return _written(vault, run, signer)
    if signer is not None:
        _require_signed(vault, name, found.files, signer)
    return found


def _require_signed(
    vault: Vault, name: RunName, files: Mapping[str, bytes], signer: Signer
) -> None:
    """A signature of the same body is the same, so that this machine needs no other program."""
    for form in FORMS:
        if signer.sign(files[form]) != files[f"{form}.sig"]:
            raise altered(
                f"Object {name.report(form)} of vault {vault.name} is not as it was signed", name
            )


def altered(happened: str, name: RunName) -> Altered:
    """With the way back to what is true."""
    return Altered(
        happened,
        safe="Nothing was changed. The journal of the run is apart from its report.",
        do=f"`liferaft report verify {name}` looks at each vault; `liferaft report show {name} "
        "--anew` renders it from the journal again. Keep what lies there first: earlier versions "
        "of the object and the store's log say who changed it.",
    )


def stored_document(vault: Vault, name: RunName) -> Document | None:
    """What `report.json` says; None where there is none that can be read. Blocks."""
    try:
        return Document.model_validate_json(vault.get(name.report("json")))
    except (KeyMissing, Damaged, ValidationError):
        return None


def _stored(vault: Vault, run: RunRecord, *, signed: bool) -> KeptReport | None:
    document = stored_document(vault, run.name)
    if document is None or not _tells_all(document, run):
        return None
    forms = (*FORMS, *(f"{form}.sig" for form in FORMS))
    read = read_each(vault, [run.name.report(form) for form in forms])
    files = {form: one for form, one in zip(forms, read, strict=True) if isinstance(one, bytes)}
    wanted = forms if signed else FORMS
    return KeptReport(document, files) if set(wanted) <= files.keys() else None


def _tells_all(document: Document, run: RunRecord) -> bool:
    """Whether it was rendered from this journal; or, where some of that cannot be read any more,
    from all of it while it could."""
    told = document.journal
    if run.faults and not told.faults:
        return told.events >= run.highest
    return told.sha256 == digest_of(run.events)


def _written(vault: Vault, run: RunRecord, signer: Signer | None) -> KeptReport:
    try:
        earlier = tuple(earlier_runs(vault, run))
    except VaultFailure:  # a report without history is worth more than none
        earlier = ()
    document = projected(run, earlier)
    files = {"html": page(document), "json": document.to_json()}
    if signer is not None:
        files |= {f"{form}.sig": signer.sign(files[form]) for form in FORMS}
    try:
        for form, body in files.items():
            vault.put(run.name.report(form), body)
        for form in () if signer else FORMS:  # of a shorter journal's
            vault.delete(run.name.report(f"{form}.sig"))
    except VaultFailure as failure:
        return KeptReport(document, files, failure)
    return KeptReport(document, files)


def earlier_runs(vault: Vault, run: RunRecord) -> Iterator[Earlier]:
    """Finished runs of the same move before this one, the newest first; of drills those without
    the same vendors. Blocks."""
    mine = run.name.run
    names = [name for name in all_runs(vault) if name.run < mine and name.among == run.name.among]
    names = names[:_LOOKED_AT]
    found = 0
    for name, read in zip(names, read_each(vault, [one.key(1) for one in names]), strict=True):
        if found == SHOWN:
            return
        if isinstance(read, bytes) and Event.from_json(read).facts.get("move") == run.move:
            document = document_of(vault, name)
            if document is not None and _is_alike(document, run):
                found += 1
                yield _earlier(document)


def _is_alike(earlier: Document, run: RunRecord) -> bool:
    is_of_this = (earlier.data_only, earlier.without) == (is_of_data(run), without(run))
    return earlier.finished and is_of_this


def document_of(vault: Vault, name: RunName) -> Document | None:
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
