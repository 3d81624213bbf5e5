"""A bucket through a sealed vault and back: the program on a real host, a real store over TLS."""

from __future__ import annotations

import ast
import io
import json
import shlex
import sys
import zipfile
from typing import TYPE_CHECKING, cast

import pytest
from tests.data.conftest import PATIENCE

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.program import TASKS, SiteBucket, program
from liferaft.data.bucket.progress import progress_of
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.failures import DeadlinePassed, Failure
from liferaft.recovery.part import Part
from liferaft.remote.contract import Command, Completed, Host, Unreachable
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

SEAL = CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c")


def test_the_same_sources_make_the_same_program_wherever() -> None:
    first = program()
    program.cache_clear()
    assert program() == first
    assert first.startswith(b"#!/usr/bin/python3 -I\n")


def test_the_program_needs_nothing_but_pythons_own_and_cryptography() -> None:
    """Hosts have nothing else."""
    allowed = {*sys.stdlib_module_names, "cryptography", "bucketcopy"}
    with zipfile.ZipFile(io.BytesIO(program())) as pack:
        for name in pack.namelist():
            for node in ast.walk(ast.parse(pack.read(name))):
                if isinstance(node, ast.Import):
                    assert {one.name.partition(".")[0] for one in node.names} <= allowed
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    assert str(node.module).partition(".")[0] in allowed


def test_a_copy_runs_has_finished_or_has_failed() -> None:
    said = json.dumps({"objects": 5, "size": 20, "total_objects": 9, "total_size": 40})
    running = progress_of(said, unit="ActiveState=active\nResult=success\n")
    assert (running.running, running.is_finished, running.failed) == (True, False, False)
    assert (running.objects, running.total_objects) == (5, 9)
    assert progress_of(said, unit="ActiveState=inactive\nResult=success\n").is_finished
    failed = progress_of(said, unit="ActiveState=failed\nResult=exit-code\n")
    assert failed.failed
    assert not failed.is_finished
    assert progress_of(said, unit="ActiveState=activating\nResult=exit-code\n").running
    assert progress_of("", unit="").objects == 0


def test_what_is_left_takes_as_long_as_objects_or_bytes_whichever_take_longer() -> None:
    said = {"objects": 50, "total_objects": 100, "size": 10, "total_size": 100, "seconds": 10}
    came = progress_of(json.dumps(said), unit="ActiveState=active\n")
    assert came.seconds_left == 90
    assert came.sentence == "50 of 100 objects, 0.0 of 0.0 MB; about 90 s are left"
    assert progress_of("", unit="").seconds_left is None


def test_what_rows_name_and_is_not_there_yet_is_told_meanwhile() -> None:
    came = progress_of(json.dumps({"total_objects": 9, "named_left": 4}), unit="")
    assert came.sentence.endswith("; 4 that rows name are not there yet")


def test_what_is_not_restored_is_told_whichever_side_is_at_fault() -> None:
    said = {"refused": {"a": "no"}, "refused_count": 1, "damaged": {"b": "x"}, "damaged_count": 1}
    told = progress_of(json.dumps(said), unit="ActiveState=inactive\n")
    assert (dict(told.not_restored), told.not_restored_count) == ({"a": "no", "b": "x"}, 2)


class Locked:
    """A server whose database holds up whoever would admit a reader; it takes everything else."""

    address = "192.0.2.1"

    def __init__(self, failure: Failure) -> None:
        self.failure, self.ran = failure, list[str]()

    async def run(self, command: Command, **_: object) -> Completed:
        shown = command if isinstance(command, str) else shlex.join(command)
        self.ran.append(shown)
        if "psql" in shown:
            raise self.failure
        return Completed(0, b"", b"")

    async def put(self, path: str, *_: object, **__: object) -> None:
        self.ran.append(path)


async def started_at(host: Locked) -> list[str]:
    vault = VaultAccess("main", "vault", "s3.example", 443, "r", "key", "secret")
    there = SiteBucket("media", "https://s3.example", "r", "k", "s")
    part = Part("bucket", "media", 1, "2026-11-22T14:00:00Z", 1, {"count": 1})
    data = BucketData(
        *("media", there, Sealed(vault, SEAL)),
        references=("select k, id from t",),
        database="chirp",
    )
    await data.start_restore(cast("Host", host), part, marker="run-1")
    return host.ran


async def test_a_database_that_admits_no_reader_in_time_stops_no_copy() -> None:
    ran = await started_at(Locked(DeadlinePassed("`psql` did not end within 30 seconds.")))
    assert any(one.startswith("systemd-run") for one in ran)


async def test_a_server_that_is_gone_is_no_database_that_is_slow() -> None:
    with pytest.raises(Unreachable):
        await started_at(Locked(Unreachable("Server db-1 could not be reached.")))


def site(lab: Lab, bucket: str) -> SiteBucket:
    vault = lab.vault
    return SiteBucket(
        bucket, vault.url, vault.region, vault.access_key, vault.secret_key, vault.ca_file
    )


async def rclone(host: LocalHost, *arguments: str, deadline: float = PATIENCE) -> str:
    argv = ["rclone", "--config=/root/lab.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem"]
    return (await host.run([*argv, *arguments], deadline=deadline)).text


@pytest.mark.sandbox
@pytest.mark.timeout(900)  # hosts that boot
async def test_a_bucket_comes_back_whole_and_never_over_what_the_app_wrote(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    await host.text(
        "mkdir -p /srv/in/photos && cd /srv/in && for n in $(seq 60); do"
        " head -c $((n * 500)) /dev/urandom > photos/$n.jpg; done; echo hello > note.txt"
    )
    await rclone(host, "copy", "-M", "--metadata-set=owner=ann", "/srv/in", "lab:old-media")
    old = BucketData("media", site(lab, "old-media"), Sealed(lab.vault, SEAL))
    seen = await host.seen_while(old.snapshot(host, epoch=1, marker="run-1"))
    part = await old.snapshot(host, epoch=1, marker="run-1")
    assert "liferaft-bucket" in seen
    assert await host.text(f"stat -c %a {TASKS} {TASKS}/bucket-main:media.json") == "700\n600"
    assert not [one for one in (lab.vault.secret_key, SEAL.password, SEAL.salt) if one in seen]
    assert part.facts["count"] == 61
    assert part.size >= sum(n * 500 for n in range(1, 61)) + 6

    in_vault = await rclone(host, "lsf", "-R", "lab:chirp-vault/chirp/epoch-00000001")
    assert "bucket/" in in_vault
    assert "photos" not in in_vault
    assert "jpg" not in in_vault

    await host.text("echo again > /srv/in/note.txt; echo more > /srv/in/more.txt")
    await rclone(host, "copy", "/srv/in", "lab:old-media")
    part = await old.snapshot(host, epoch=1, marker="run-1b")
    assert part.facts["count"] == 62

    await host.text("echo newer-than-the-vault > /srv/note.txt")
    await rclone(host, "copyto", "/srv/note.txt", "lab:new-media/note.txt")
    new = BucketData("media", site(lab, "new-media"), Sealed(lab.vault, SEAL))
    assert not await new.is_restored(host, marker="run-2")
    await new.restore(host, part, marker="run-2")
    await new.restore(host, part, marker="run-2")
    progress = await new.wait_for_copy(host, part, marker="run-2", deadline=PATIENCE)
    assert progress.is_finished
    assert progress.objects == 61
    await new.verify(host, part)
    assert await rclone(host, "cat", "lab:new-media/note.txt") == "newer-than-the-vault"
    [one] = json.loads(await rclone(host, "lsjson", "-M", "lab:new-media/photos/7.jpg"))
    assert one["MimeType"] == "image/jpeg"
    assert one["Metadata"]["owner"] == "ann"
    await rclone(host, "copy", "lab:new-media/photos", "/srv/out")
    await host.text("diff -r /srv/in/photos /srv/out")
