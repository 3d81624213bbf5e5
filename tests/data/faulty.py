"""A site's data on one real host, and another to bring it back to; its first vault has a front that
can refuse, forget and break off (`fault_front`)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.certificates.dataset import Certificates
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.rclone import CryptSecrets, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.data.conftest import Lab, LocalHost

    from liferaft.recovery.part import Part

SEAL = CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c")
STORAGE = "/root/caddy"
CA = "/etc/ssl/liferaft/vault-ca.pem"


@dataclass
class Faulty:
    """A site's data on one host, and another host to restore to; `main` has the front."""

    lab: Lab
    digest: str
    number: int = field(default_factory=itertools.count().__next__)
    """Of one set of data: tests share hosts, and what a marker names is kept once."""
    marks: int = 0

    @property
    def old(self) -> LocalHost:
        return self.lab.hosts["old"]

    @property
    def new(self) -> LocalHost:
        return self.lab.hosts["new"]

    @property
    def sealed(self) -> Sealed:
        return Sealed(self.lab.vault, SEAL)

    def bucket(self, name: str) -> BucketData:
        """Reached past the front: the site's store is well."""
        vault = self.lab.vault
        site = SiteBucket(
            name, "https://10.99.0.1:8443", vault.region, vault.access_key, vault.secret_key, CA
        )
        return BucketData("media", site, self.sealed)

    @property
    def certificates(self) -> Certificates:
        return Certificates(self.sealed, STORAGE, "root:root")

    @property
    def image(self) -> ContainerImage:
        return ContainerImage("web", self.digest, self.sealed)

    def database(self, host: LocalHost, epoch: int, *earlier: int) -> Postgres:
        network = "10.99.0.0/24"
        database = Database("chirp", "chirp", "the-apps-password", host.address, network, CLUSTER)
        stores = (self.lab.vault, self.lab.second)
        return Postgres("db", database, stores, "the-passphrase", epoch, earlier)

    @property
    def marker(self) -> str:
        """A new one each time."""
        self.marks += 1
        return f"run-{self.number}-{self.marks}"

    def sets(self) -> dict[str, Callable[[], Coroutine[Any, Any, Part]]]:
        """What is kept in `main` alone, under an epoch of its own each time."""
        marker = self.marker
        epoch = 100 * (1 + self.number) + self.marks
        return {
            "ertificate": lambda: self.certificates.snapshot(self.old, epoch=epoch, marker=marker),
            "mage web": lambda: self.image.snapshot(self.old, epoch=epoch, marker=marker),
            "ucket media": lambda: self.bucket("old-media").snapshot(
                self.old, epoch=epoch, marker=marker
            ),
        }


async def prepared(lab: Lab) -> Faulty:
    """All is well, and there is something to keep."""
    lab.fail()
    host = lab.hosts["old"]
    await host.text(
        f"mkdir -p {FOLDER} {STORAGE}/a /srv/in && echo key >{STORAGE}/a/b.key; cd /srv/in;"
        " test -e /srv/tar || { head -c 3000000 /dev/urandom >/srv/tar;"
        " head -c 800000 /dev/urandom | split --bytes=20000 -; }"
    )
    await host.text("sed 's/objects.lab.test/10.99.0.1/' /root/lab.conf >/root/past.conf")
    await past(host, "copy", "/srv/in", "lab:old-media")
    digest = (await host.text("sha256sum /srv/tar")).split()[0]
    await host.text(f"cp /srv/tar {archive_path(digest)}")
    return Faulty(lab, digest)


async def past(host: LocalHost, *arguments: str) -> str:
    """Of the store itself, past its front."""
    argv = ["rclone", "--config=/root/past.conf", f"--ca-cert={CA}"]
    return (await host.run([*argv, *arguments], deadline=PATIENCE)).text


async def listed(faulty: Faulty) -> str:
    """Each object of the archive: its key, size, time and ETag."""
    flags = ("--recursive", "--files-only", "--format=pstmh", "--hash=MD5")
    said = [
        await past(faulty.old, "lsf", *flags, f"{vault}:chirp-vault/chirp/epoch-00000001")
        for vault in ("lab", "second")
    ]
    return "\n".join(said)
