"""Data of a site on real hosts, kept and brought back by liferaft's own acts and by the raw tools.

Each pair does the same work at the same store: `raw` is what a person would type who has nothing
but pgBackRest or rclone, with the flags that liferaft gives them; `ours` is the data set's own act,
with all that it asks, proves and writes down besides.
"""

import asyncio
import shlex
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.data.cluster import CLUSTER
from tests.data.conftest import Lab, LocalHost

from benchmarks.parts import ROOT
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.container_images.everywhere import ImageInVaults
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import (
    AHEAD,
    AWAY,
    GET,
    GET_END,
    GET_LOG,
    SPOOL,
    STANZA,
    Database,
    push_config,
)
from liferaft.data.rclone import CryptSecrets, Rclone, Sealed
from liferaft.recovery.part import Part

SEAL: Final = CryptSecrets("the-seals-password-77a0", "the-seals-salt-19fe")
PASSWORD: Final = "the-apps-password-93ab"  # noqa: S105 - the lab's
CIPHER: Final = "the-passphrase-51d2"
LONG: Final = 3600.0
OBJECT_BYTES: Final = 500_000
COMES_UP_TRIES: Final = 3000
"""Ten in a second, of a restored database that replays."""
FILL: Final = """
cd /var/lib/postgresql && head -c {bytes} /dev/urandom >random && chown postgres: random
runuser -u postgres -- psql -XqAt -d chirp <<'END'
create table blob (number int, body bytea);
alter table blob alter body set storage external;
insert into blob
    select n, pg_read_binary_file('/var/lib/postgresql/random', n::bigint * 65536, 65536)
    from generate_series(0, {bytes} / 65536 - 1) as n;
create table note (number bigint);
checkpoint;
END
rm /var/lib/postgresql/random
"""
"""Nothing in it can be compressed."""


@dataclass
class DataLab:
    """`one` has the database and the bucket's keeper; to `two` all is brought back."""

    lab: Lab
    megabytes: int
    marks: int = 0
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def one(self) -> LocalHost:
        return self.lab.hosts["one"]

    @property
    def two(self) -> LocalHost:
        return self.lab.hosts["two"]

    @property
    def seals(self) -> tuple[Sealed, ...]:
        return Sealed(self.lab.vault, SEAL, "-main"), Sealed(self.lab.second, SEAL, "-second")

    def mark(self) -> int:
        """A number that nothing had before."""
        self.marks += 1
        return self.marks

    # The database

    def database(self, host: LocalHost, vaults: int, epoch: int = 1, *earlier: int) -> Postgres:
        network = "10.99.0.0/24"
        database = Database("chirp", "chirp", PASSWORD, host.address, network, CLUSTER)
        stores = (self.lab.vault, self.lab.second)[:vaults]
        return Postgres("db", database, stores, CIPHER, epoch, earlier)

    async def fill_database(self) -> None:
        await self.database(self.one, 2).configure(self.one)
        await self.one.text(FILL.format(bytes=self.megabytes << 20), deadline=LONG)
        ready = f"{CLUSTER.data}/pg_wal/archive_status/*.ready"
        await self.one.text(f"while compgen -G '{ready}'; do sleep 1; done", deadline=LONG)

    async def back_up(self, vaults: int) -> Part:
        """Ours; full each time: one that rests on another is no pair of a full one."""
        marker = f"run-{self.mark()}"
        data = replace(self.database(self.one, vaults), full_seconds=-1.0)
        return await data.snapshot(self.one, epoch=1, marker=marker)

    async def back_up_raw(self) -> None:
        await self.pgbackrest("--type=full", "backup")

    async def pgbackrest(
        self, *arguments: str, vault: str = "main", whose: tuple[str, ...] = ()
    ) -> None:
        argv = ["pgbackrest", f"--config={push_config(vault, 1)}", f"--stanza={STANZA}", *arguments]
        await self.one.run(["runuser", "-u", "postgres", "--", *whose, *argv], deadline=LONG)

    async def expire(self) -> None:
        """Of all backups the newest stays, and the store gives back what it has room for."""
        operator = ("env", f"PGBACKREST_REPO1_S3_KEY={self.lab.of_operator.access_key}")
        for vault in ("main", "second"):
            expire = ("--repo1-retention-full=1", "expire")
            await self.pgbackrest(*expire, vault=vault, whose=operator)
        await self.one.text(
            "for at in 10.99.0.1 10.99.0.2; do"
            ' curl -s -m 60 "http://$at:9333/vol/vacuum?garbageThreshold=0.01" || :; done',
            deadline=200,
        )

    async def restore(self) -> None:
        second = self.database(self.two, 1, 2, 1)
        await second.restore(self.two, self.made["backup"], marker=f"run-{self.mark()}")

    async def restore_raw(self) -> None:
        """Into the place and with the configuration that an earlier restore has left, on the
        timeline of the backup, as liferaft pins it."""
        label = self.made["backup"].facts["labels"]["main"]
        get = '--recovery-option=restore_command=/usr/lib/liferaft/pgbackrest-get "%f" "%p"'
        raw = [f"--config={GET}", f"--stanza={STANZA}", "--repo=1", f"--set={label}"]
        raw += ["--type=standby", "--target-timeline=current"]
        argv = ["runuser", "-u", "postgres", "--", "pgbackrest", *raw, get]
        ask = "runuser -u postgres -- psql -XqAtc 'select 1' >/dev/null 2>&1"
        await self.two.text(
            f"systemctl stop {CLUSTER.unit}; find {CLUSTER.data} -mindepth 1 -delete;"
            f" rm -rf {AHEAD} {AWAY} {GET_LOG} {GET_END} {SPOOL}/held/*;"
            f" {shlex.join([*argv, 'restore'])}; systemctl start {CLUSTER.unit};"
            f" for _ in $(seq {COMES_UP_TRIES}); do {ask} && exit; sleep 0.1; done;"
            f" echo 'it does not come up:' >&2; tail -n 40 {CLUSTER.log} {GET_LOG} >&2; exit 1",
            deadline=LONG,
        )

    async def settle(self) -> None:
        """The start of what was restored last is through for systemd as well: stopped while it
        starts, a standby of PostgreSQL 17 may wait for ever."""
        starting = f"systemctl is-active {CLUSTER.unit}"
        script = f'while [ "$({starting})" = activating ]; do sleep 0.1; done'
        await self.two.text(script, deadline=LONG)

    # The bucket

    def bucket(self, name: str, vaults: int) -> BucketInVaults:
        vault = self.lab.vault
        site = SiteBucket(
            *(name, vault.url, vault.region, vault.access_key, vault.secret_key, vault.ca_file)
        )
        return BucketInVaults(tuple(BucketData("media", site, one) for one in self.seals[:vaults]))

    async def fill_bucket(self) -> None:
        count = (self.megabytes << 20) // OBJECT_BYTES
        await self.one.text(
            f"mkdir -p /srv/in && cd /srv/in && head -c {count * OBJECT_BYTES} /dev/urandom |"
            f" split --bytes={OBJECT_BYTES} --suffix-length=5 -",
            deadline=LONG,
        )
        await self.rclone_of_lab("copy", "--transfers=16", "/srv/in", "lab:old-media")
        await self.one.text("rm -rf /srv/in")

    async def keep_bucket(self, vaults: int) -> Part:
        epoch = 100 + self.mark()
        kept = await self.bucket("old-media", vaults).snapshot(self.one, epoch=epoch, marker="p")
        self.made.setdefault("bucket", kept)
        return kept

    async def keep_bucket_raw(self) -> None:
        epoch = 100 + self.mark()
        rclone = await self._rclone("bucket", epoch)
        path = f"{self.seals[0].path('bucket', epoch)}media"
        await self._run(rclone, "copy", "--metadata", "lab:old-media", path)
        self.made.setdefault("bucket raw", (epoch, path))

    async def bring_bucket(self) -> None:
        marker = f"run-{self.mark()}"
        await self.bucket("new-media", 1).restore(self.one, self.made["bucket"], marker=marker)

    async def bring_bucket_raw(self) -> None:
        epoch, path = self.made["bucket raw"]
        rclone = await self._rclone("bucket", epoch)
        await self._run(rclone, "copy", "--metadata", "--ignore-existing", path, "lab:new-media")

    async def empty_bucket(self) -> None:
        await self.rclone_of_lab("delete", "--checkers=32", "lab:new-media")

    async def rclone_of_lab(self, *arguments: str) -> None:
        argv = ["rclone", "--config=/root/lab.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem"]
        await self.one.run([*argv, *arguments], deadline=LONG)

    # An image

    async def fill_image(self) -> None:
        path = "/srv/image"
        size = self.megabytes << 20
        await self.one.text(f"head -c {size} /dev/urandom >{path}", deadline=LONG)
        digest = (await self.one.text(f"sha256sum {path}", deadline=LONG)).split()[0]
        await self.one.text(f"mkdir -p {FOLDER} && mv {path} {archive_path(digest)}")
        self.made["digest"] = digest

    def image(self, vaults: int) -> ImageInVaults:
        digest = self.made["digest"]
        images = (ContainerImage("web", digest, one) for one in self.seals[:vaults])
        return ImageInVaults(tuple(images))

    async def keep_image(self, vaults: int) -> Part:
        epoch = 100 + self.mark()
        kept = await self.image(vaults).snapshot(self.one, epoch=epoch, marker="p")
        self.made["image"] = kept
        return kept

    async def keep_image_raw(self) -> None:
        epoch = 100 + self.mark()
        rclone = await self._rclone("images", epoch)
        path = f"{self.seals[0].path('images', epoch)}image"
        await self._run(rclone, "copyto", archive_path(self.made["digest"]), path)
        self.made["image raw"] = (epoch, path)

    async def bring_image(self) -> None:
        one = self.image(1).first
        await one.fetch(self.two, self.made["image"].epoch)

    async def bring_image_raw(self) -> None:
        epoch, path = self.made["image raw"]
        rclone = await self._rclone("images", epoch, host=self.two)
        await self._run(rclone, "copyto", path, f"{FOLDER}/raw")

    async def forget_image(self) -> None:
        await self.two.text(f"rm -f {FOLDER}/*")

    async def _rclone(self, area: str, epoch: int, host: LocalHost | None = None) -> Rclone:
        ca = self.lab.vault.ca_file
        rclone = Rclone(host or self.one, "raw", (ca,) if ca else ())
        site = (await self.one.get("/root/lab.conf")).decode()
        await rclone.configure(f"{self.seals[0].config(area, epoch)}\n{site}")
        return rclone

    async def _run(self, rclone: Rclone, *arguments: str) -> None:
        await rclone.run(*arguments, doing="Copying with rclone alone", deadline=LONG)


async def timed(act: Callable[[], Awaitable[Any]]) -> float:
    """Seconds, after what is written has gone to the disk."""
    sync = await asyncio.create_subprocess_exec("sync", "--file-system", str(ROOT))
    await sync.wait()
    began = time.monotonic()
    await act()
    return time.monotonic() - began
