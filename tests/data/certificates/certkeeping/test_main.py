"""Certificates are kept by the server that Caddy runs on: rclone is played by a script, over a
folder for each vault."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.data.certificates.certkeeping.main import main
from liferaft.data.certificates.renewed import kept_part, newest_part
from liferaft.data.in_vaults import part_in
from liferaft.recovery.part import Part
from liferaft.vault import CheckedVault, open_vault
from liferaft.vault.layout import EpochKeys

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
AREA = "epoch-00000001/certificates"
# A vault is the folder chirp; sealing is an x before each name and the number of the time before
# the content, so that what is kept again has another digest.
RCLONE = r"""#!/bin/bash
set -eu
root=$1; shift
echo "$*" >>"$root/calls"
[[ -e $root/dead ]] && { echo "no such host" >&2; exit 1; }
area=$root/chirp/epoch-00000001/certificates
case $1 in
copy)
    source=$4 times=$(cat "$root/times" 2>/dev/null || echo 0)
    echo $((times + 1)) >"$root/times"
    (cd "$source" && find . -type f -not -path './locks/*') | while read -r one; do
        mkdir -p "$(dirname "$area/x$one")"
        { echo "$times"; cat "$source/$one"; } >"$area/${one/.\//x}"
    done ;;
size) printf '{"count": %d, "bytes": 7}' "$(find "$area" -type f | wc -l)" ;;
hashsum) cd "$area" && find . -type f | sed 's#^\./##' | sort | xargs -r sha256sum ;;
lsf) ls "$root/chirp/epoch" ;;
rcat) mkdir -p "$(dirname "$root/chirp/$2")" && cat >"$root/chirp/$2" ;;
cat) cat "$root/chirp/$2" ;;
esac
"""


@dataclass
class Edge:
    """A server with Caddy's folder, and two vaults."""

    folder: Path

    @property
    def caddy(self) -> Path:
        return self.folder / "caddy"

    def root(self, vault: str) -> Path:
        return self.folder / vault

    def vault(self, name: str) -> CheckedVault:
        config = VaultConfig(url=f"file://{self.root(name)}")
        return open_vault(name, config, VaultCredentials(), prefix="chirp")

    def renew(self, content: str) -> None:
        for name in ("chirp.test.crt", "chirp.test.key"):
            (self.caddy / name).write_text(content)

    def run(self, **later: float) -> int:
        return main([str(self.folder / "settings")], lambda: NOW + timedelta(**later))

    def calls(self, vault: str) -> list[str]:
        """The words that rclone was called with since the last time that this was asked."""
        log = self.root(vault) / "calls"
        said = [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return said

    def noted(self, vault: str) -> Part:
        part = kept_part(self.vault(vault), 1)
        assert part is not None
        return part


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    (tmp_path / "rclone").write_text(RCLONE)
    (tmp_path / "rclone").chmod(0o755)
    (tmp_path / "caddy" / "locks").mkdir(parents=True)
    (tmp_path / "caddy" / "locks" / "one").write_text("held")
    for name in ("main", "second"):
        (tmp_path / name / "chirp" / "epoch").mkdir(parents=True)
        (tmp_path / name / "chirp" / "epoch" / "00000001").write_text("east")
    settings = {
        "epoch": 1,
        "folder": str(tmp_path / "caddy"),
        "note": EpochKeys(1).kept_certificates,
        "state": str(tmp_path / "state"),
        "vaults": [
            {
                "name": name,
                "argv": [str(tmp_path / "rclone"), str(tmp_path / name)],
                "sealed": "sealed:",
                "area": AREA,
                "beside": "",
            }
            for name in ("main", "second")
        ],
    }
    (tmp_path / "settings").write_text(json.dumps(settings))
    return Edge(tmp_path)


def test_what_was_renewed_is_in_every_vault_and_its_note_is_true_of_each(edge: Edge) -> None:
    edge.renew("old")
    assert edge.run() == 0
    edge.renew("renewed")
    assert edge.run(minutes=5) == 0
    part = edge.noted("main")
    assert part == edge.noted("second")
    assert part.vaults == ("main", "second")
    assert part.taken_at == "2026-11-29T12:05:00+00:00"
    for name in part.vaults:
        own = part_in(part, name)
        assert (own.facts["count"], own.size) == (2, 7), "what Caddy has locked is none of it"
        vault = edge.vault(name)
        for key, digest in own.facts["stored"].items():
            assert vault.digest(key, seconds=5) == digest
            assert b"renewed" in (edge.root(name) / "chirp" / key).read_bytes()


def test_while_nothing_is_renewed_vaults_are_asked_for_a_note_once_an_hour_alone(
    edge: Edge,
) -> None:
    edge.renew("old")
    edge.run()
    edge.calls("main")
    before = edge.noted("main")
    assert edge.run(minutes=30) == 0
    assert edge.calls("main") == []
    assert edge.run(minutes=61) == 0
    assert edge.calls("main") == ["lsf", "rcat", "cat"]
    assert edge.noted("main") == before
    stored = (edge.root("main") / "chirp" / EpochKeys(1).kept_certificates).read_text()
    assert '"looked_at": "2026-11-29T13:01:00+00:00"' in stored


def test_a_vault_that_is_dead_is_told_and_gets_them_once_it_is_back(
    edge: Edge, capsys: pytest.CaptureFixture[str]
) -> None:
    edge.renew("old")
    edge.run()
    (edge.root("second") / "dead").touch()
    edge.renew("renewed")
    assert edge.run(minutes=5) == 1
    said = capsys.readouterr().err
    assert said.startswith("CERTIFICATES ARE NOT KEPT: vault second: ")
    part = edge.noted("main")
    assert part.vaults == ("main",)
    assert "no such host" in part.facts["not_in"]["second"]
    (edge.root("second") / "dead").unlink()
    edge.calls("main")
    assert edge.run(minutes=10) == 0
    assert "copy" not in edge.calls("main")
    assert edge.noted("second").vaults == ("main", "second")


def test_a_server_whose_reign_is_over_keeps_nothing(
    edge: Edge, capsys: pytest.CaptureFixture[str]
) -> None:
    (edge.root("second") / "chirp" / "epoch" / "00000002").write_text("west")
    edge.renew("old")
    assert edge.run() == 1
    assert "epoch 00000002 reigns" in capsys.readouterr().err
    assert edge.calls("main") == ["lsf"]


def test_without_certificates_nothing_is_asked_or_noted(edge: Edge) -> None:
    assert edge.run() == 0
    assert edge.calls("main") == []


@pytest.mark.parametrize("damage", [b"torn", b"[]", b'{"epoch": 1, "kept": 3}'])
def test_damage_of_what_the_server_wrote_down_keeps_all_anew(edge: Edge, damage: bytes) -> None:
    edge.renew("old")
    edge.run()
    (edge.folder / "state").write_bytes(damage)
    edge.calls("main")
    assert edge.run() == 0
    assert "copy" in edge.calls("main")


def test_what_was_kept_last_counts_a_snapshots_part_or_the_servers(edge: Edge) -> None:
    edge.renew("old")
    edge.run()
    vault, kept = edge.vault("main"), edge.noted("main")

    def taken(at: datetime) -> Part:
        return Part("certificates", "certificates", 1, at.isoformat(), 1, {"count": 1}, ("main",))

    earlier, later = taken(NOW - timedelta(days=1)), taken(NOW + timedelta(days=1))
    assert newest_part(vault, earlier) == kept
    assert newest_part(vault, later) == later
    (edge.root("main") / "chirp" / EpochKeys(1).kept_certificates).write_bytes(b"damaged")
    assert newest_part(vault, earlier) == earlier, "no failover stops for it"
