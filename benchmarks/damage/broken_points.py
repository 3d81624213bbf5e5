"""What a drill has to find wrong with a recovery point: how each is broken, and what must be said.

Each is mended again, so that all are tried at one application.
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.rehearsal.outside import LIST

from benchmarks.damage import wrong_certificates
from benchmarks.damage.vault_objects import KIND
from benchmarks.drill_lab import DrillLab

SITE, EDGE = "aws-east", "app-1"
OTHER_SECRETS: Final = Path(__file__).parent / "other_secrets.py"
ALLOWED: Final = f'allow = ["{LIST[0]}:{LIST[1]}"]'
"""Of the drills that are not about it: the application's migration fetches something there."""
FIND: Final = "find /var/lib/caddy/liferaft/certificates -name chirp.test.crt"


@dataclass(frozen=True)
class BrokenPoint:
    """words: what the drill's last sentence has to hold."""

    name: str
    words: tuple[str, ...]
    breaking: Callable[[DrillLab], AbstractContextManager[None]]


@contextmanager
def _backups_flipped(lab: DrillLab) -> Iterator[None]:
    with lab.vaults.flipped(*lab.vaults.of_kind(KIND["bundle of a backup"])):
        yield


@contextmanager
def _wal_flipped(lab: DrillLab) -> Iterator[None]:
    with lab.vaults.flipped(lab.vaults.needed_segment()):
        yield


@contextmanager
def _no_image(lab: DrillLab) -> Iterator[None]:
    (archive,) = lab.desk.folder.glob("*.oci.tar")
    away = archive.rename(archive.with_suffix(".away"))
    try:
        with lab.vaults.gone(*lab.vaults.of_kind(KIND["image"])):
            yield
    finally:
        away.rename(archive)


def _secrets(change: str) -> Callable[[DrillLab], AbstractContextManager[None]]:
    @contextmanager
    def breaking(lab: DrillLab) -> Iterator[None]:
        (key,) = lab.vaults.of_kind(KIND["secrets"])
        file = lab.desk.folder / "other-secrets"
        lab.desk.script(OTHER_SECRETS, key, change, str(file))
        with lab.vaults.replaced(key, file.read_bytes()):
            yield

    return breaking


def _certificate(
    wrong: Callable[[bytes], bytes],
) -> Callable[[DrillLab], AbstractContextManager[None]]:
    """It lies where Caddy keeps its own, which has read it long ago: users do not notice."""

    @contextmanager
    def breaking(lab: DrillLab) -> Iterator[None]:
        path = _within(_on_edge(lab, FIND), "/var/", ".crt")
        whole = _within(_on_edge(lab, f"cat {path}"), "-----BEGIN", "E-----\n").encode()
        try:
            _put(lab, path, wrong(whole))
            yield
        finally:
            _put(lab, path, whole)

    return breaking


def _within(said: str, first: str, last: str) -> str:
    """What a command printed among what was told beside."""
    return said[said.index(first) : said.rindex(last) + len(last)]


def _put(lab: DrillLab, path: str, content: bytes) -> None:
    told = base64.b64encode(content).decode()
    _on_edge(lab, f"echo {told} | base64 -d > {path}")
    lab.must("snapshot", "--yes")


def _on_edge(lab: DrillLab, script: str) -> str:
    return lab.must("ssh", EDGE, "--site", SITE, "--", "bash", "-c", script)


@contextmanager
def _without_network(lab: DrillLab) -> Iterator[None]:
    toml = lab.desk.folder / "liferaft.toml"
    told = toml.read_text()
    assert ALLOWED in told
    toml.write_text(told.replace(ALLOWED, ""))
    try:
        yield
    finally:
        toml.write_text(told)


BROKEN_POINTS: Final = (
    BrokenPoint("backup", ("The backup of database db", "vault"), _backups_flipped),
    BrokenPoint("wal", ("WAL file", "vault"), _wal_flipped),
    BrokenPoint("image", ("images/", "vault"), _no_image),
    BrokenPoint(
        "secrets-of-others", ("does not open the app's secrets",), _secrets("sealed-for-others")
    ),
    BrokenPoint(
        "wrong-secret-of-the-database",
        ("backup.info", "vault"),
        _secrets("pgbackrest_cipher_pass"),
    ),
    BrokenPoint(
        "wrong-secret-of-files",
        ("certificate", "chirp.test"),
        _secrets("rclone_password"),
    ),
    BrokenPoint(
        "expired-certificate",
        ("certificate", "chirp.test"),
        _certificate(wrong_certificates.expired),
    ),
    BrokenPoint(
        "certificate-of-another-key",
        ("certificate", "chirp.test"),
        _certificate(wrong_certificates.of_another_key),
    ),
    BrokenPoint("migration-needs-the-network", ("web",), _without_network),
)
