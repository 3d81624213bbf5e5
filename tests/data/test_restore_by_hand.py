"""docs/restore-by-hand.md, word for word: a bare host, one vault, and nothing of liferaft's."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
from tests.data.bucket.test_dataset import rclone, site
from tests.data.cluster import CLUSTER
from tests.data.conftest import SECRET_KEY
from tests.data.postgres.test_failover import archived, sql, start_writing, writes_on
from tests.data.volume.on_hosts import FILES, listing, volume, write
from tests.rehearsal.conftest import image

from liferaft.config.credentials import VaultCredentials
from liferaft.config.models import VaultConfig
from liferaft.data.bucket.bucketcopy.sealing import GONE, Seal
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.certificates.dataset import Certificates
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.recovery import release
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.release import Release
from liferaft.secrets import AppSecrets, ensure_secrets
from liferaft.vault import EpochChain, EpochRecord, open_vault
from liferaft_sandbox.vendors.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.data.conftest import Lab, LocalHost

    from liferaft.recovery.part import Part
    from liferaft.vault import Vault

__all__ = ["image"]
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "restore-by-hand.md"
COMPOSE = ROOT / "stacks" / "liferaft_stacks" / "microblog" / "compose.yaml"
DOMAIN = "www.chirp.test"
AUTHORITIES = "/root/authorities.pem"
VAULT_FACTS = f"""\
APP=chirp
VAULT=main
VAULT_HOST=objects.lab.test
VAULT_PORT=8443
VAULT_REGION=us-east-1
VAULT_BUCKET=chirp-vault
VAULT_KEY=lab
VAULT_SECRET={SECRET_KEY}
VAULT_CA={AUTHORITIES}
BUCKET_DATA=media
IDENTITY=/root/identity.txt
"""
BUCKET_FACTS = f"""\
S3_ENDPOINT=https://objects.lab.test:8443
S3_REGION=us-east-1
S3_BUCKET=new-media
S3_ACCESS_KEY_ID=lab
S3_SECRET_ACCESS_KEY={SECRET_KEY}
"""
OBJECTS = """
mkdir -p /srv/in/photos && cd /srv/in && echo hello > note.txt && : > empty && echo > deleted.txt
for n in $(seq 20); do head -c $((n * 200000)) /dev/urandom > photos/$n.jpg; done
head -c 1048576 /dev/urandom > exactly-one-piece
"""
OBJECTS_COUNT = 23
POINT = "20261122T140000Z"
AT = "2026-11-22T14:00:00+00:00"


def blocks(language: str) -> list[str]:
    """The page's blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def names(text: str) -> set[str]:
    """Of the variables that a file sets."""
    return set(re.findall(r"^(\w+)=", text, re.MULTILINE))


def test_the_page_asks_its_reader_for_what_its_test_gives() -> None:
    asked = set().union(*map(names, blocks("sh")))
    assert asked == names(VAULT_FACTS) | names(BUCKET_FACTS) | {"DOMAIN"}


class Reign:
    """A site whose database, bucket, image and certificates are in a vault, as liferaft puts them
    there."""

    def __init__(self, lab: Lab, host: LocalHost, vault: Vault, secrets: AppSecrets) -> None:
        self._lab, self._host, self._vault, self._secrets = lab, host, vault, secrets
        seal = CryptSecrets(
            secrets.rclone_password.get_secret_value(), secrets.rclone_salt.get_secret_value()
        )
        self._sealed = Sealed(lab.vault, seal)

    async def database(self) -> Part:
        password = self._secrets.postgres_password.get_secret_value()
        database = Database("chirp", "chirp", password, self._host.address, "10.99.0.0/24", CLUSTER)
        cipher = self._secrets.pgbackrest_cipher_pass.get_secret_value()
        data = Postgres("db", database, (self._lab.vault,), cipher, 1)
        await data.configure(self._host)
        await start_writing(self._host)
        await keep_timeline(self._vault, 1, 1)
        return await data.snapshot(self._host, epoch=1, marker=POINT)

    async def bucket(self) -> Part:
        data = BucketData("media", site(self._lab, "old-media"), self._sealed)
        await self._host.run(OBJECTS)
        await rclone(self._host, "copy", "/srv/in", "lab:old-media")
        await data.snapshot(self._host, epoch=1, marker="before")
        await self._host.run("echo again > /srv/in/note.txt")
        await rclone(self._host, "copy", "/srv/in", "lab:old-media")
        part = await data.snapshot(self._host, epoch=1, marker=POINT)
        await self._delete("deleted.txt")
        return part

    async def _delete(self, key: str) -> None:
        """At the site, and marked as a keeper does it a while later."""
        await rclone(self._host, "deletefile", f"lab:old-media/{key}")
        seal = Seal(self._sealed.seal.password, self._sealed.seal.salt)
        folder = "lab:chirp-vault/chirp/epoch-00000001/bucket/media"
        (name,) = (
            await rclone(self._host, "lsf", f"--include={seal.digest(key)}*", folder)
        ).split()
        await rclone(self._host, "touch", f"{folder}/{seal.mark(name, GONE, 1_795_000_000)}")

    async def volume(self) -> Part:
        await self._host.text(FILES)
        data = replace(volume(self._lab.vault).sets[0], sealed=self._sealed)
        await data.snapshot(self._host, epoch=1, marker="before")
        await write(self._host, "later", "than the first")
        return await data.snapshot(self._host, epoch=1, marker=POINT)

    async def app(self, content: bytes) -> Part:
        digest = hashlib.sha256(content).hexdigest()
        await self._host.run(["mkdir", "-p", FOLDER])
        await self._host.put(archive_path(digest), content)
        data = ContainerImage("chirp", digest, self._sealed)
        return await data.snapshot(self._host, epoch=1, marker=POINT)

    async def certificates(self, authority: Authority, folder: Path) -> Part:
        authority.issue(DOMAIN, folder)
        data = Certificates(self._sealed)
        issuer = "certificates/acme-v02.api.letsencrypt.org-directory"
        there = f"{data.folder}/{issuer}/{DOMAIN}"
        await self._host.run(["mkdir", "-p", there])
        for name, content in {
            "crt": (folder / "cert.pem").read_bytes(),
            "key": (folder / "key.pem").read_bytes(),
            "json": f'{{"sans": ["{DOMAIN}"], "issuer_data": {{}}}}'.encode(),
        }.items():
            await self._host.put(f"{there}/{DOMAIN}.{name}", content)
        await self._host.run(["chown", "-R", "caddy:caddy", data.folder])
        return await data.snapshot(self._host, epoch=1, marker=POINT)


def files(folder: Path) -> dict[str, bytes]:
    """What lies below a folder, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def into_the_store(host: LocalHost, records: Mapping[str, bytes]) -> None:
    """What liferaft has written into a folder lies in the store, where hosts keep the rest."""
    for key, content in records.items():
        await host.put("/root/record", content)
        await rclone(host, "copyto", "/root/record", f"lab:chirp-vault/{key}")


@pytest.fixture
def archive(image: Path) -> bytes:
    """The sample application's image."""
    return image.read_bytes()


@pytest.mark.sandbox
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lab", [("old", "bare")], indirect=True)
async def test_the_page_brings_the_application_back_from_one_vault(
    lab: Lab,
    archive: bytes,
    tmp_path: Path,
) -> None:
    old, bare = lab.hosts["old"], lab.hosts["bare"]
    identity, authority = pyrage.x25519.Identity.generate(), Authority("Users trust it")
    (tmp_path / "identity.txt").write_text(f"{identity}\n")
    (tmp_path / "identity.txt").chmod(0o600)
    folder = VaultConfig(url=f"file://{tmp_path}/records")
    vault = open_vault("main", folder, VaultCredentials(), prefix="chirp")
    secrets = ensure_secrets(
        *(vault, 1),
        recipients=[str(identity.to_public())],
        identity_file=tmp_path / "identity.txt",
    )
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", AT))
    reign = Reign(lab, old, vault, secrets)
    app = await reign.app(archive)
    parts = (
        await reign.database(),
        await reign.bucket(),
        await reign.certificates(authority, tmp_path),
        await reign.volume(),
        replace(app, name="an-older-one", facts={**app.facts, "digest": "0" * 64}),
    )
    publish(vault, RecoveryPoint(POINT, "chirp", 1, "east", AT, parts))
    release.note(vault, 1, "run-1", Release(AT, (app,)))
    await into_the_store(old, files(tmp_path / "records"))
    await writes_on(old)
    safe = await archived(old)
    media, remote = await objects(old, "old-media"), await old.get("/root/lab.conf")
    assert len(media) == OBJECTS_COUNT
    files_of_volume = await listing(old)
    old.kill()

    given = {
        "vault.env": VAULT_FACTS.encode(),
        "bucket.env": BUCKET_FACTS.encode(),
        "domain.env": f"DOMAIN={DOMAIN}\n".encode(),
        "identity.txt": f"{identity}\n".encode(),
    }
    for name, content in given.items():
        await bare.put(f"/root/{name}", content)
    store = await bare.get("/etc/ssl/liferaft/vault-ca.pem")
    await bare.put(AUTHORITIES, store + authority.root(), mode=0o644)
    await bare.run(["mkdir", "-p", "/srv/liferaft/app"])
    await bare.put("/srv/liferaft/app/compose.yaml", COMPOSE.read_bytes())
    await bare.put("/root/by-hand", "".join(blocks("bash")).encode())
    await bare.run(["bash", "/root/by-hand"], deadline=400)

    assert int(await sql(bare, "select max(id) from post")) >= safe
    assert await listing(bare) == files_of_volume
    await bare.put("/root/lab.conf", remote)
    assert await objects(bare, "new-media") == media
    asked = f"curl --fail --silent --cacert {AUTHORITIES} --resolve {DOMAIN}:443:127.0.0.1"
    assert "Nobody has said anything yet" in await bare.text(
        f"{asked} --location https://{DOMAIN}/"
    )


async def objects(host: LocalHost, bucket: str) -> list[str]:
    """Every object of a bucket and the digest of its content."""
    said = await rclone(host, "hashsum", "sha256", "--download", f"lab:{bucket}")
    return sorted(said.splitlines())
