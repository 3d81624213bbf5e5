"""A whole vault, small: one object of every kind that a reign leaves there."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from liferaft.data.postgres import inspection
from liferaft.data.sealed_objects import STORED, sealed_size
from liferaft.hosts.trust import Pin
from liferaft.journal import Journal, Lease, RunName
from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.state.storage import Storage, checkpoint_path, history_stem
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.release import Release
from liferaft.secrets import ensure_secrets
from liferaft.site.machine_images import MachineImageRecord, keep_machine_image
from liferaft.vault import CheckedVault, layout
from liferaft.vault.layout import EpochKeys

POINT = "20261122T140000Z"
OLDER = "20261121T140000Z"
BUCKET_NAME = "chirp-north-media-5f0c9a1e"
AT = "2026-11-22T14:00:00+00:00"
LABEL = "20261122-135900F"
REPOSITORY = "epoch-00000001/pgbackrest"
ARCHIVE = f"{REPOSITORY}/archive/main"
BACKUP = f"{REPOSITORY}/backup/main"
INNER = "the backups' own key"
IMAGE_BYTES = 1000
SEGMENTS = [f"0000000100000000000000{number:02X}" for number in range(3, 8)]


def segment(number: int) -> str:
    """Where a segment of SEGMENTS lies."""
    name = SEGMENTS[number]
    return f"{ARCHIVE}/15-1/{name[:16]}/{name}-{'a' * 40}.lz4"


Note = Mapping[str, Mapping[str, object]]


def note(sections: Note, passphrase: str) -> bytes:
    """As pgBackRest writes one."""
    rows = {name: {k: json.dumps(v) for k, v in part.items()} for name, part in sections.items()}
    rows.setdefault("backrest", {})
    digest = inspection.checksum(rows)
    text = "".join(
        f"[{name}]\n" + "".join(f"{k}={v}\n" for k, v in part.items()) + "\n"
        for name, part in rows.items()
    ).replace("[backrest]\n", f'[backrest]\nbackrest-checksum="{digest}"\n')
    salt = b"saltsalt"
    key, start = inspection.key_and_start(passphrase.encode(), salt)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    padded = padder.update(text.encode()) + padder.finalize()
    return b"Salted__" + salt + encryptor.update(padded) + encryptor.finalize()


def _sealed(vault: CheckedVault, key: str, size: int) -> dict[str, str]:
    body = hashlib.shake_256(key.encode()).digest(size)
    vault.raw.put(key, body)
    return {key: hashlib.sha256(body).hexdigest()}


def backup(vault: CheckedVault, passphrase: str) -> Part:
    info: Note = {"backrest": {"backrest-format": 5}, "cipher": {"cipher-pass": INNER}}
    manifest: Note = {
        "backrest": {"backrest-format": 5},
        "target:file": {
            "pg_data/PG_VERSION": {"bni": 1, "bno": 0, "size": 3, "repo-size": 40},
            "pg_data/base/1/1": {"bni": 1, "bno": 40, "size": 99, "repo-size": 60},
            "pg_data/base/1/2": {"size": 8192, "repo-size": 300},
            "pg_data/empty": {"size": 0},
        },
    }
    for ending in ("", ".copy"):
        vault.raw.put(f"{ARCHIVE}/archive.info{ending}", note(info, passphrase))
        vault.raw.put(f"{BACKUP}/backup.info{ending}", note(info, passphrase))
        vault.raw.put(f"{BACKUP}/{LABEL}/backup.manifest{ending}", note(manifest, INNER))
    _sealed(vault, f"{BACKUP}/{LABEL}/bundle/1", 100)
    _sealed(vault, f"{BACKUP}/{LABEL}/pg_data/base/1/2.lz4", 300)
    for number in range(len(SEGMENTS)):
        _sealed(vault, segment(number), 50)
    facts = {
        "labels": {vault.name: LABEL},
        "timeline": 1,
        "archive_start": SEGMENTS[1],
        "archive_stop": SEGMENTS[2],
        "platform": {"postgresql": "15"},
    }
    return Part("postgres", "db", 1, AT, 8294, facts)


async def kept(vault: CheckedVault, folder: Path, recipient: str, identity: Path) -> None:
    """What the reign of `east`, epoch 1, left beside its epoch; `north` is ready to take over."""
    secrets = ensure_secrets(vault, 1, recipients=[recipient], identity_file=identity)
    vault.put("epoch-00000001/timeline.json", b'{"timeline": 1}')
    stored = _sealed(vault, "epoch-00000001/images/abc", sealed_size(IMAGE_BYTES))
    facts = {"digest": "5" * 64, "names": ["localhost/chirp:1"], STORED: stored}
    image = Part("image", "chirp", 1, AT, IMAGE_BYTES, facts)
    release.note(vault, 1, "run-1", Release(AT, (image,)))
    certificates = {
        **_sealed(vault, "epoch-00000001/certificates/x/crt", 90),
        **_sealed(vault, "epoch-00000001/certificates/x/key", 80),
    }
    _sealed(vault, "epoch-00000001/bucket/media/1", 70)
    parts = (
        backup(vault, secrets.pgbackrest_cipher_pass.get_secret_value()),
        Part("certificates", "certificates", 1, AT, 170, {"count": 2, STORED: certificates}),
        Part("bucket", "media", 1, AT, 70, {"count": 1}),
        image,
    )
    for name in (OLDER, POINT):
        publish(vault, RecoveryPoint(name, "chirp", 1, "east", AT, parts))
    for part in parts:
        key = EpochKeys(1).part(POINT, part.kind, part.name)
        vault.put(key, json.dumps(part.to_json()).encode())
    keep_machine_image(vault, "north", MachineImageRecord("i", "n", "hetzner", "fsn1", ()))
    vault.put(layout.bucket_name("north", "media"), json.dumps({"name": BUCKET_NAME}).encode())
    for server in ("db-1", "app-1"):
        body = {"server": "1", "pin": vars(Pin("ssh-ed25519 AAAA", settled=True))}
        vault.put(f"pins/north/{server}.json", json.dumps(body).encode())
    Lease.acquire(vault, "run-1").release()
    journal = await Journal.begin(
        RunName(1, "20261122T140000000Z-aa"),
        move="deploy",
        site="east",
        inputs={"site": "east", "epoch": 1, "reigns": True},
        digest="d",
        vaults=[vault],
        folder=folder / "runs",
    )
    await journal.finish()
    await _state(StateLocation(f"file://{folder}/vault/chirp/state"))


async def _state(place: StateLocation) -> None:
    storage = Storage(place)
    await storage.prepare()
    bucket = {
        "urn": "urn:pulumi:north::chirp::liferaft:index:Bucket::bucket",
        "type": "liferaft:index:Bucket",
        "custom": True,
        "id": BUCKET_NAME,
        "inputs": {"name": BUCKET_NAME},
    }
    latest = {"manifest": {"time": AT}, "resources": [bucket]}
    held = {"stack": "organization/chirp/north", "latest": latest}
    text = json.dumps({"version": 3, "checkpoint": held}).encode()
    await storage.write(checkpoint_path("chirp", "north"), text)
    update = b'{"kind":"update","result":"succeeded","endTime":1}'
    await storage.write(f"{history_stem('chirp', 'north', 1)}.history.json", update)
