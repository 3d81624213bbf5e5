"""Whether a report is as it was signed: asked of OpenSSH, which has not signed it.

Nobody has to believe liferaft: `ssh-keygen -Y verify` on any machine says the same of the same
files (docs/evidence.md).
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic import ValidationError

from liferaft import texts
from liferaft.evidence.document import Document
from liferaft.evidence.kept import FORMS, NAMESPACE, altered
from liferaft.evidence.report import digest_of
from liferaft.failures import Altered, BadInput, DeadlinePassed, Refused
from liferaft.journal import RunName, read_run
from liferaft.vault import Damaged, KeyMissing, Vault, each_vault, lacking_vaults, silent_vaults

LARGEST: Final = 64 * 1024**2
"""Bytes of a file that may be a report: names of lost objects take most of it."""
_SECONDS: Final = 30.0
_GOOD: Final = re.compile(r'Good "[^"]*" signature for (\S+) with (.+)')


@dataclass(frozen=True)
class Verified:
    """Something that is as it was signed. by: whose key, and its fingerprint."""

    what: str
    by: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def verify_run(vault: Vault, name: RunName, allowed_signers: str) -> tuple[Verified, ...]:
    """Page and document of a run in each vault that answers, and whether the journal there is still
    the one that they were rendered from. Blocks. Raises Altered for the first that is not so, and
    where no vault has them.

    A vault that is known to lack something need not have this; what it has is looked at all the
    same."""
    lacking = lacking_vaults(vault)
    asked = each_vault(vault)
    without = [one for one in asked if one.name in lacking and not _has_all(one, name)]
    whole = [one for one in asked if one not in without]
    found = tuple(one for single in whole for one in _in_vault(single, name, allowed_signers))
    if not found:
        raise altered(f"No vault has a report of run {name}: nobody vouches for it", name)
    told = [f"vault {one.name} is incomplete, and lacks a part of this" for one in without]
    told += [f"vault {one} does not answer: not looked at" for one in sorted(silent_vaults(vault))]
    return (*found, *(Verified(what, "") for what in told))


def _has_all(vault: Vault, name: RunName) -> bool:
    """Whether all four files of the report are there, and the journal that they speak of."""
    document = name.report("json")
    files = {name.report(part) for form in FORMS for part in (form, f"{form}.sig")}
    if not files <= set(vault.list(document.rpartition("/")[0] + "/")):
        return False
    try:
        told = Document.model_validate_json(vault.get(document))
        return len(read_run(vault, name).events) >= told.journal.events
    except (Damaged, ValidationError):
        return True


def _in_vault(vault: Vault, name: RunName, allowed_signers: str) -> Iterator[Verified]:
    bodies: dict[str, bytes] = {}
    for form in FORMS:
        what = f"{name.report(form)} in vault {vault.name}"
        bodies[form], signature = (_read(vault, name, part) for part in (form, f"{form}.sig"))
        by = _signed_by(what, bodies[form], signature, allowed_signers)
        _require_of(name, form, bodies[form], what)
        yield Verified(what, by)
    told = Document.model_validate_json(bodies["json"])
    run = read_run(vault, name)
    then = told.journal.events
    if told.journal.sha256 != digest_of(run.events[:then]):
        raise altered(
            f"The journal of run {name} in vault {vault.name} is not the one that its report was "
            f"rendered from ({len(run.events)} events, {then} then)",
            name,
        )
    if len(run.events) > then:
        raise Altered(
            f"Run {name} has gone on since its report was rendered: {then} events then, "
            f"{len(run.events)} in vault {vault.name} now",
            safe="Nothing was changed. What the report tells is as it was signed.",
            do=f"`liferaft report show {name}` renders it anew.",
        )
    yield Verified(f"the journal in vault {vault.name}, {len(run.events)} events", by)


def _read(vault: Vault, name: RunName, form: str) -> bytes:
    key = name.report(form)
    try:
        return vault.get(key)
    except KeyMissing:
        raise altered(f"Vault {vault.name} has no {key}: nobody vouches for it", name) from None
    except Damaged as damage:
        raise altered(damage.facts.happened, name) from damage


def _require_of(name: RunName, form: str, body: bytes, what: str) -> None:
    """A report of another run, signed as well, may lie in this one's place."""
    try:
        is_of = (
            Document.model_validate_json(body).run == str(name)
            if form == "json"
            else f'<meta name="liferaft-run" content="{name}">'.encode() in body
        )
    except ValidationError:
        is_of = False
    if not is_of:
        raise altered(f"{what} is the report of another run, or of another version", name)


def verify_file(path: Path, allowed_signers: str) -> Verified:
    """A page or document that somebody was given, with its signature beside it. Raises Altered."""
    signature = path.with_name(f"{path.name}.sig")
    if not signature.exists():
        raise Altered(
            f"There is no {signature}: nobody vouches for {path}",
            safe="Nothing was changed.",
            do="A signature has the name of its file, with .sig behind it, and lies beside it.",
        )
    body, signed = _content(path), _content(signature)
    return Verified(str(path), _signed_by(str(path), body, signed, allowed_signers))


def _content(path: Path) -> bytes:
    try:
        return texts.read_bytes(path, LARGEST)
    except texts.Unreadable as reason:
        raise BadInput(f"{path} cannot be read: {reason}") from reason


def _signed_by(what: str, body: bytes, signature: bytes, allowed_signers: str) -> str:
    with TemporaryDirectory(prefix="liferaft-") as name:
        folder = Path(name)
        (folder / "allowed").write_text(allowed_signers)
        (folder / "signature").write_bytes(signature)
        who = _asked(folder, body, "find-principals")
        principal = who.partition("\n")[0].strip()
        if not principal:
            raise _not_as_signed(f"{what} is signed by nobody who may, or its signature is damaged")
        said = _GOOD.search(_asked(folder, body, "verify", "-I", principal))
        if said is None:
            raise _not_as_signed(f"{what} is not as {principal} signed it")
        return f"{said[1]}, {said[2].strip()}"


def _not_as_signed(happened: str) -> Altered:
    return Altered(
        happened,
        safe="Nothing was changed.",
        do="Believe nothing of it. Ask for the report again, or for the key's fingerprint.",
    )


def _asked(folder: Path, body: bytes, what: str, *more: str) -> str:
    """What ssh-keygen said; empty where it said no."""
    asking = ["ssh-keygen", "-Y", what, *more, "-f", "allowed", "-s", "signature", "-n", NAMESPACE]
    try:
        ran = subprocess.run(
            asking, cwd=folder, input=body, capture_output=True, check=False, timeout=_SECONDS
        )
    except FileNotFoundError as missing:
        raise Refused(
            "There is no ssh-keygen on this machine, which checks signatures",
            safe="Nothing was changed.",
            do="Install OpenSSH 8.2 or later (openssh-client).",
        ) from missing
    except subprocess.TimeoutExpired as late:
        raise DeadlinePassed(
            f"Waited {_SECONDS:.0f} s for ssh-keygen to check a signature",
            safe="Nothing was changed.",
            do="Run the same command again.",
        ) from late
    return ran.stdout.decode(errors="replace") if ran.returncode == 0 else ""
