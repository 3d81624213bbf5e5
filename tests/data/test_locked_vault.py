"""What hosts write into a vault that locks: Debian's rclone and pgBackRest, at a store that demands
a checksum of each body and refuses what has none.

The programs run as the product starts them, on the disk of a host that is not booted.
"""

import asyncio
import json
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.data.cluster import CLUSTER
from tests.moto_store import Heard, MotoStore, moto_store

from liferaft.data.certificates.dataset import Certificates
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.postgres.configuration import Repository, pgbackrest
from liferaft.data.postgres.layout import STANZA
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.remote.contract import Command, Completed
from liferaft.site.reach import VaultAccess
from liferaft_sandbox.lab.images import image_folder, read_recipe
from liferaft_sandbox.state import cache_folder

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
CA_FILE = "/etc/ssl/liferaft-vault.pem"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
IN_PARTS = 220_000_000
"""More bytes than rclone sends in one request: 200 MiB."""
MOUNTS = """
set -e
mkdir "$1/root" "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
echo 127.0.0.1 localhost >"$1/root/etc/hosts"
cp "$3" "$1/root$4"
touch "$1/ready"
exec sleep infinity
"""


@dataclass(frozen=True)
class DiskOfHost:
    """As much of a host as programs need that are started on it."""

    pid: int
    root: Path
    address: str = "127.0.0.1"

    async def run(
        self, command: Command, *, stdin: bytes = b"", deadline: float = 60.0, check: bool = True
    ) -> Completed:
        script = ("bash", "-euo", "pipefail", "-c")
        words = [*script, command] if isinstance(command, str) else list(command)
        process = await asyncio.create_subprocess_exec(
            *("nsenter", "-t", str(self.pid), "-m", "--", "chroot", str(self.root), *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        async with asyncio.timeout(deadline):
            stdout, stderr = await process.communicate(stdin)
        assert process.returncode is not None
        if check:
            assert process.returncode == 0, (words, stdout, stderr)
        return Completed(process.returncode, stdout, stderr)

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        script = 'cat > "$1"; chown "$3" "$1"; chmod "$2" "$1"'
        await self.run(["bash", "-ec", script, "-", path, f"{mode:o}", owner], stdin=content)

    async def get(self, path: str) -> bytes:
        return (await self.run(["cat", path])).stdout

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        raise NotImplementedError(until, command, deadline, every)

    async def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        yield Path(name)


@pytest.fixture
def store(work: Path) -> Iterator[MotoStore]:
    with moto_store(work, key="id", secret="vault-secret") as store:
        store.make_locked_bucket("chirp-vault")
        yield store


@pytest.fixture
def host(work: Path, store: MotoStore) -> Iterator[DiskOfHost]:
    image = image_folder(read_recipe("host"), cache_folder())
    if os.geteuid() != 0 or not image.is_dir():
        pytest.skip("needs root and the sandbox's host image")
    argv = ["unshare", "--mount", "--propagation", "private", "bash", "-c", MOUNTS, "-"]
    with subprocess.Popen(
        [*argv, str(work), str(image), str(store.ca_file), CA_FILE], env=ENVIRONMENT
    ) as process:
        try:
            end = time.monotonic() + 60
            while not (work / "ready").exists():
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.02)
            yield DiskOfHost(process.pid, work / "root")
        finally:
            process.kill()


@pytest.fixture
def vault(store: MotoStore) -> VaultAccess:
    port = int(store.url.rpartition(":")[2])
    return VaultAccess(
        *("main", "chirp-vault", "localhost", port, "us-east-1", "id", "vault-secret"),
        ca_file=CA_FILE,
        prefix="chirp/",
    )


@pytest.fixture
def sealed(vault: VaultAccess) -> Sealed:
    return Sealed(vault, CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c"))


def written(store: MotoStore, program: str) -> Sequence[Heard]:
    """The later pgBackRest says no version of itself."""
    writes = [one for one in store.heard if one.is_write]
    return [one for one in writes if one.headers["user-agent"].startswith(program)]


def all_have_md5(writes: Sequence[Heard]) -> bool:
    return bool(writes) and all("content-md5" in one.checksums for one in writes)


async def test_certificates_go_into_a_vault_that_locks_and_come_back(
    host: DiskOfHost, store: MotoStore, sealed: Sealed
) -> None:
    certificates = Certificates(sealed)
    folder = f"{certificates.folder}/certificates"
    await host.run(
        f"install -d -o caddy -g caddy -m 700 {folder} && echo key > {folder}/chirp.test.key"
    )
    for _ in range(2):  # what is there already is replaced
        part = await certificates.snapshot(host, epoch=1, marker="run-1")
    assert part.facts["count"] == 1
    await host.run(f"rm -r {certificates.folder}")
    await certificates.restore(host, part, marker="run-2")
    assert await host.get(f"{folder}/chirp.test.key") == b"key\n"
    assert all_have_md5(written(store, "rclone/"))


async def test_a_large_image_goes_there_in_parts(
    host: DiskOfHost, store: MotoStore, sealed: Sealed
) -> None:
    made = f"install -d -m 700 {FOLDER} && head -c {IN_PARTS} /dev/urandom > /tmp/archive"
    await host.run(made)
    digest = (await host.run("sha256sum /tmp/archive")).text.split()[0]
    await host.run(f"mv /tmp/archive {archive_path(digest)}")
    image = ContainerImage("chirp", digest, sealed)
    await image.snapshot(host, epoch=1, marker="run-1")
    parts = [one for one in written(store, "rclone/") if "partNumber" in one.query]
    assert len(parts) > 10
    assert all_have_md5(written(store, "rclone/"))


async def test_archives_and_backups_go_there(
    host: DiskOfHost, store: MotoStore, vault: VaultAccess
) -> None:
    """By pgBackRest's own command for a single file: whole, and in parts."""
    repository = Repository(vault, 1, "the-archives-passphrase-41c9")
    config = pgbackrest([repository], CLUSTER, lock="push")
    await host.put("/etc/repository.conf", config.encode(), mode=0o644)
    command = ("pgbackrest", "--config=/etc/repository.conf", f"--stanza={STANZA}")
    for name, size in (("small", 1000), ("large", 12_000_000)):
        put = shlex.join([*command, "repo-put", name])
        await host.run(f"head -c {size} /dev/urandom | {put}", deadline=120)
    listed = await host.run([*command, "repo-ls", "--output=json"], deadline=60)
    assert json.loads(listed.stdout).keys() >= {"small", "large"}
    writes = written(store, "pgBackRest/")
    assert [one for one in writes if "partNumber" in one.query]
    assert all_have_md5(writes)
