"""Any changed byte of a report is found, and so is a report in another one's place."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.runs import FAILOVER, Written

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.evidence import verification
from liferaft.evidence.kept import NAMESPACE, keep_report
from liferaft.evidence.verification import Verified, verify_file, verify_run
from liferaft.failures import Altered, BadInput, DeadlinePassed, Refused
from liferaft.journal import Event, RunName
from liferaft.secrets import AppSecrets, Signer
from liferaft.vault import EveryVault, Vault, open_vault
from liferaft.vault.away import AwayNote

OTHER = "20261123T140000000Z-aa"
FORMS = ("html", "json", "html.sig", "json.sig")


@pytest.fixture
def name(vault: Vault, journal: Written, signer: Signer) -> RunName:
    made = journal(FAILOVER)
    keep_report(vault, made, signer)
    return made


@pytest.fixture
def second(tmp_path: Path) -> Vault:
    """Another vault, with nothing in it."""
    return open_vault(
        "second", VaultConfig(url=f"file://{tmp_path}/second"), VaultCredentials(), prefix="chirp"
    )


def flipped(body: bytes, place: int) -> bytes:
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def test_what_is_as_it_was_signed_is_told_with_whose_key(
    vault: Vault, name: RunName, signer: Signer
) -> None:
    page, document, journal = verify_run(vault, name, signer.allowed_signers)
    assert page.what == f"runs/{name}/report.html in vault main"
    assert document.what == f"runs/{name}/report.json in vault main"
    assert journal.what == f"the journal in vault main, {len(FAILOVER) + 1} events"
    assert page.by.startswith("chirp, ED25519 key SHA256:")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.95])
def test_a_flipped_bit_anywhere_is_found(
    vault: Vault, name: RunName, signer: Signer, form: str, part: float
) -> None:
    body = vault.get(name.report(form))
    vault.put(name.report(form), flipped(body, int(len(body) * part)))
    with pytest.raises(Altered):
        verify_run(vault, name, signer.allowed_signers)


@pytest.mark.parametrize("form", FORMS)
def test_damage_that_the_vaults_own_digest_finds_is_found_here_too(
    vault: Vault, name: RunName, signer: Signer, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "vault/chirp" / name.report(form)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Altered, match="is damaged"):
        verify_run(vault, name, signer.allowed_signers)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_there_is_vouched_for_by_nobody(
    vault: Vault, name: RunName, signer: Signer, form: str
) -> None:
    vault.delete(name.report(form))
    with pytest.raises(Altered, match="nobody vouches for it"):
        verify_run(vault, name, signer.allowed_signers)


def test_a_report_that_another_key_has_signed_is_nobodys(
    vault: Vault, name: RunName, signer: Signer
) -> None:
    forger = Signer.of("chirp", NAMESPACE, AppSecrets.generate())
    keep_report(vault, name, forger, anew=True)
    with pytest.raises(Altered, match="signed by nobody who may"):
        verify_run(vault, name, signer.allowed_signers)


def test_a_signature_for_another_purpose_is_none(
    vault: Vault, name: RunName, signer: Signer
) -> None:
    other = Signer(signer.principal, "file", signer.key)
    keep_report(vault, name, other, anew=True)
    with pytest.raises(Altered):
        verify_run(vault, name, signer.allowed_signers)


@pytest.mark.parametrize("form", ["html", "json"])
def test_a_report_of_another_run_is_not_this_ones_though_it_is_signed(
    vault: Vault, name: RunName, signer: Signer, journal: Written, form: str
) -> None:
    other = journal(FAILOVER, run=OTHER)
    keep_report(vault, other, signer)
    for part in (form, f"{form}.sig"):
        vault.put(name.report(part), vault.get(other.report(part)))
    with pytest.raises(Altered, match="the report of another run"):
        verify_run(vault, name, signer.allowed_signers)


def test_a_journal_in_which_an_event_is_another_is_told(
    vault: Vault, name: RunName, signer: Signer
) -> None:
    event = Event.from_json(vault.get(name.key(5)))
    vault.put(name.key(5), replace(event, offset=event.offset + 1).to_json())
    with pytest.raises(Altered, match=r"not the one .* rendered from \(12 events, 12 then\)"):
        verify_run(vault, name, signer.allowed_signers)


def test_a_journal_that_has_grown_is_told_as_such_and_is_no_forgery(
    vault: Vault, name: RunName, signer: Signer
) -> None:
    later = Event(len(FAILOVER) + 2, "note", "2026-11-22T15:00:00.000Z", "s", 1.0, {})
    vault.create(name.key(later.seq), later.to_json())
    with pytest.raises(Altered, match=r"has gone on since .* 12 events then, 13") as told:
        verify_run(vault, name, signer.allowed_signers)
    assert "renders it anew" in told.value.facts.do


def test_each_vault_is_looked_at_by_itself(
    vault: Vault, second: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER)
    for key in vault.list():
        second.put(key, vault.get(key))
    both = EveryVault([vault, second])  # type: ignore[list-item]  # CheckedVault, as it is opened
    keep_report(both, name, signer)
    assert len(verify_run(both, name, signer.allowed_signers)) == 6
    second.put(name.report("html"), b"another")
    with pytest.raises(Altered, match="in vault second is not as chirp signed it"):
        verify_run(both, name, signer.allowed_signers)


def test_a_vault_that_was_away_need_not_have_it_and_what_it_has_is_looked_at(
    vault: Vault, second: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER)
    keep_report(vault, name, signer)
    note = AwayNote("second", "2026-11-30T15:51:06+00:00", "it did not answer")
    vault.put(note.key, note.to_json())
    both = EveryVault([vault, second])  # type: ignore[list-item]  # CheckedVault, as it is opened
    *found, told = verify_run(both, name, signer.allowed_signers)
    assert [one.by for one in found] == [found[0].by] * 3
    assert told == Verified("vault second is incomplete, and lacks a part of this", "")
    for key in vault.list("runs/"):
        second.put(key, vault.get(key))
    assert len(verify_run(both, name, signer.allowed_signers)) == 6
    second.put(name.report("html"), b"another")
    with pytest.raises(Altered, match="in vault second is not as chirp signed it"):
        verify_run(both, name, signer.allowed_signers)


def test_where_every_vault_lacks_it_nobody_vouches(
    vault: Vault, second: Vault, journal: Written, signer: Signer
) -> None:
    name = journal(FAILOVER)
    for one, other in ((vault, "second"), (second, "main")):
        note = AwayNote(other, "2026-11-30T15:51:06+00:00", "it did not answer")
        one.put(note.key, note.to_json())
    both = EveryVault([vault, second])  # type: ignore[list-item]  # CheckedVault, as it is opened
    with pytest.raises(Altered, match="No vault has a report"):
        verify_run(both, name, signer.allowed_signers)


def given(folder: Path, vault: Vault, name: RunName) -> Path:
    for form in FORMS:
        (folder / f"r.{form}").write_bytes(vault.get(name.report(form)))
    return folder / "r.html"


def test_a_file_that_was_handed_on_is_checked_without_a_vault(
    vault: Vault, name: RunName, signer: Signer, tmp_path: Path
) -> None:
    path = given(tmp_path, vault, name)
    assert verify_file(path, signer.allowed_signers).by.startswith("chirp, ED25519 key SHA256:")
    path.write_bytes(flipped(path.read_bytes(), 900))
    with pytest.raises(Altered, match=r"r\.html is not as chirp signed it"):
        verify_file(path, signer.allowed_signers)


def test_a_file_without_a_signature_is_vouched_for_by_nobody(
    vault: Vault, name: RunName, signer: Signer, tmp_path: Path
) -> None:
    path = given(tmp_path, vault, name)
    (tmp_path / "r.html.sig").unlink()
    with pytest.raises(Altered, match="nobody vouches"):
        verify_file(path, signer.allowed_signers)


def test_a_folder_is_no_report(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "r.html").mkdir()
    (tmp_path / "r.html.sig").write_text("")
    with pytest.raises(BadInput, match="it is no file"):
        verify_file(tmp_path / "r.html", signer.allowed_signers)


def test_who_knows_openssh_needs_no_liferaft(
    vault: Vault, name: RunName, signer: Signer, tmp_path: Path
) -> None:
    """The command of docs/evidence.md."""
    path = given(tmp_path, vault, name)
    (tmp_path / "allowed_signers").write_text(signer.allowed_signers)
    asked = "ssh-keygen -Y verify -f allowed_signers -I chirp -n liferaft-report -s r.html.sig"
    with path.open("rb") as page:
        ran = subprocess.run(
            asked.split(), cwd=tmp_path, stdin=page, capture_output=True, check=True
        )
    assert ran.stdout.startswith(b'Good "liferaft-report" signature for chirp')


def test_a_machine_without_openssh_is_told_what_it_lacks(
    vault: Vault,
    name: RunName,
    signer: Signer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("ssh-keygen") is None
    with pytest.raises(Refused, match="no ssh-keygen"):
        verify_run(vault, name, signer.allowed_signers)


def test_a_program_that_says_nothing_is_not_waited_for_for_ever(
    vault: Vault,
    name: RunName,
    signer: Signer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "ssh-keygen").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(verification, "_SECONDS", 0.2)
    with pytest.raises(DeadlinePassed, match="ssh-keygen"):
        verify_run(vault, name, signer.allowed_signers)
