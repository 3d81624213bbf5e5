"""What a point that a server takes says of certificates and buckets: as servers keep them now."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.data.postgres.pointtaking.server import NOW, OLD, POINTS, Server, manifest, server

from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.sealing import DIGITS
from liferaft.data.certificates.certkeeping.note import noted, part_of
from liferaft.data.in_vaults import part_in
from liferaft.data.postgres.pointtaking.manifest import sealed
from liferaft.recovery.part import Part
from liferaft.recovery.point import newest
from liferaft.vault.layout import EpochKeys

__all__ = ["server"]
THEN = "2026-11-28T11:00:00+00:00"
NOTE = EpochKeys(1).kept_certificates


@pytest.fixture
def keeping(server: Server) -> Server:
    """Its newest point has certificates and a bucket, and it has a keeper of that in each vault."""
    told: dict[str, Any] = json.loads(manifest().to_json())
    elsewhere = {"second": {"size": 9, "taken_at": THEN, "facts": {"count": 3, "lacking": {}}}}
    parts = [
        Part("certificates", "certificates", 1, THEN, 7, {"count": 2}, ("main", "second")),
        Part(
            *("bucket", "media", 1, THEN, 8),
            {"count": 2, "marker": OLD, "elsewhere": elsewhere},
            ("main", "second"),
        ),
    ]
    told["parts"] += [part.to_json() for part in parts]
    key = f"{POINTS}/{OLD}.json"
    for vault in ("main", "second"):
        (server.root(vault) / key).write_bytes(sealed(key, told))
        keeps(server, vault, 4, NOW)
    settings = json.loads(server.settings.read_text())
    server.settings.write_text(json.dumps({**settings, "beside": str(server.folder / "data")}))
    return server


def keeps(server: Server, vault: str, count: int, until: datetime, *, epoch: int = 1) -> None:
    """Its keeper has so many objects there, and has marked one as gone."""
    data = server.folder / "data"
    (data / "kept" / vault).mkdir(parents=True, exist_ok=True)
    (data / "kept" / vault / "media").write_text(f"{until.timestamp():.6f}\n")
    (data / "manifests").mkdir(exist_ok=True)
    path = data / "manifests" / f"{vault}:media"
    path.unlink(missing_ok=True)
    held = Manifest(f"chirp/epoch-{epoch:08}/bucket/media/", path)
    for number in range(count + 1):
        held.add(f"{number:0{DIGITS}x}.{1:016x}")
    held.note_missed([1], int(until.timestamp()))
    held.note_gone([1])
    held.close()


def renewed(server: Server, at: datetime, looked_at: datetime, *vaults: str) -> Part:
    """The server that Caddy runs on has kept certificates, and noted them in these vaults."""
    own = {"size": 11, "taken_at": at.isoformat(), "facts": {"count": 2, "stored": {"a": "b"}}}
    part = part_of({"main": own, "second": own}, {}, epoch=1)
    for vault in vaults or ("main", "second"):
        (server.root(vault) / NOTE).write_bytes(noted(NOTE, part, looked_at))
    return Part.from_json(part)


def test_certificates_that_were_renewed_and_buckets_are_named_as_they_are_now(
    keeping: Server,
) -> None:
    part = renewed(keeping, NOW - timedelta(hours=3), NOW)
    assert keeping.run() == 0
    for name in ("main", "second"):
        point = newest(keeping.vault(name), 1)
        assert point.part("certificates", "certificates") == part
        bucket = point.part("bucket", "media")
        assert bucket.vaults == ("main", "second")
        for vault in bucket.vaults:
            own = part_in(bucket, vault)
            assert (own.facts["count"], own.taken_at) == (4, NOW.isoformat())
        assert part_in(bucket, "second").facts["lacking"] == {}, "what it told holds on"


def test_a_snapshots_own_certificates_count_where_nothing_was_renewed_since(
    keeping: Server,
) -> None:
    renewed(keeping, datetime.fromisoformat(THEN) - timedelta(days=1), NOW)
    assert keeping.run() == 0
    assert newest(keeping.vault("main"), 1).part("certificates", "certificates").size == 7


def test_the_note_of_any_vault_is_enough(keeping: Server) -> None:
    part = renewed(keeping, NOW - timedelta(hours=3), NOW, "second")
    assert keeping.run() == 0
    assert newest(keeping.vault("main"), 1).part("certificates", "certificates") == part


@pytest.mark.parametrize("note", ["none", "old", "torn"])
def test_without_certificates_as_of_now_the_point_is_taken_and_says_what_it_lacks(
    keeping: Server, note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    renewed(keeping, NOW - timedelta(days=1), NOW - timedelta(hours=9))
    for vault in ("main", "second"):
        path = keeping.root(vault) / NOTE
        if note == "none":
            path.unlink()
        elif note == "torn":
            path.write_bytes(path.read_bytes()[:-9])
    assert keeping.run() == 1
    said = capsys.readouterr().err
    assert said.startswith("RECOVERY POINT 20261129T120000Z was taken, and IT LACKS")
    assert "certificates are those of" in said
    point = newest(keeping.vault("second"), 1)
    assert point.name == "20261129T120000Z"
    assert point.part("certificates", "certificates").facts["count"] == 2


@pytest.mark.parametrize("keeper", ["behind", "damaged", "gone", "another epoch's"])
def test_a_bucket_whose_keeper_says_nothing_is_named_as_before_and_told(
    keeping: Server, keeper: str, capsys: pytest.CaptureFixture[str]
) -> None:
    renewed(keeping, NOW, NOW)
    data = keeping.folder / "data"
    if keeper == "behind":
        keeps(keeping, "second", 4, NOW - timedelta(hours=2))
    elif keeper == "damaged":
        (data / "manifests" / "second:media").write_bytes(b"no database at all, but some bytes")
    elif keeper == "gone":
        (data / "manifests" / "second:media").unlink()
    else:
        keeps(keeping, "second", 4, NOW, epoch=7)
    assert keeping.run() == 1
    assert "bucket media in vault second is as noted before" in capsys.readouterr().err
    bucket = newest(keeping.vault("main"), 1).part("bucket", "media")
    counts = [part_in(bucket, vault).facts["count"] for vault in ("main", "second")]
    assert counts == [4, 3]


def test_a_vault_that_lacked_the_bucket_has_it_once_its_keeper_is_through(
    keeping: Server,
) -> None:
    renewed(keeping, NOW, NOW)
    key = f"{POINTS}/{OLD}.json"
    stored = (keeping.root("main") / key).read_bytes()
    told = json.loads(stored[stored.index(b"\n") + 1 :])
    (bucket,) = (part for part in told["parts"] if part["kind"] == "bucket")
    bucket |= {"vaults": ["main"], "facts": {"count": 2, "not_in": {"second": "it was away"}}}
    for vault in ("main", "second"):
        (keeping.root(vault) / key).write_bytes(sealed(key, told))
    assert keeping.run() == 0
    part = newest(keeping.vault("main"), 1).part("bucket", "media")
    assert part.vaults == ("main", "second")
    assert "not_in" not in part.facts
    assert part_in(part, "second").facts["count"] == 4


def test_a_schedule_of_an_earlier_version_names_them_as_before(keeping: Server) -> None:
    settings = json.loads(keeping.settings.read_text())
    del settings["beside"]
    keeping.settings.write_text(json.dumps(settings))
    renewed(keeping, NOW, NOW)
    assert keeping.run() == 0
    assert newest(keeping.vault("main"), 1).part("certificates", "certificates").size == 7
