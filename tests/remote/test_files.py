"""Files on a host: what is there as wanted is left alone, and what is not is put."""

import os
from pathlib import Path

import pytest

from liferaft.remote.contract import CommandFailed, Host
from liferaft.remote.files import HostFile, differing, folders, put_changed

ME = f"{os.getuid()}:{os.getgid()}"


def file(path: Path, content: bytes, owner: str = ME) -> HostFile:
    return HostFile(str(path), content, mode=0o640, owner=owner)


async def test_only_what_is_missing_or_has_other_content_is_put(host: Host, tmp_path: Path) -> None:
    same, other, missing = tmp_path / "the same", tmp_path / "other", tmp_path / "missing"
    same.write_bytes(b"1")
    other.write_bytes(b"old")
    wanted = [file(same, b"1"), file(other, b"new"), file(missing, b"3")]
    assert await differing(host, wanted) == tuple(wanted[1:])
    before = same.stat().st_ino
    assert await put_changed(host, wanted) == (str(other), str(missing))
    assert [path.read_bytes() for path in (same, other, missing)] == [b"1", b"new", b"3"]
    assert missing.stat().st_mode & 0o777 == 0o640
    assert same.stat().st_ino == before
    assert await put_changed(host, wanted) == ()


async def test_one_file_that_cannot_be_put_fails_the_act_and_hinders_no_other(
    host: Host, tmp_path: Path
) -> None:
    bad = file(tmp_path / "bad", b"x", owner="nobody-of-this-name")
    good = [file(tmp_path / f"good-{number}", b"x") for number in range(6)]
    with pytest.raises(CommandFailed, match="nobody-of-this-name"):
        await put_changed(host, [bad, *good])
    assert await differing(host, [bad, *good]) == (bad,)


async def test_no_files_differ_where_none_are_wanted(host: Host) -> None:
    assert await differing(host, []) == ()


@pytest.mark.sandbox
async def test_what_a_reader_may_not_read_is_missing_for_that_reader(
    host: Host, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.write_bytes(b"x")
    closed.chmod(0o600)
    everybodys = HostFile("/etc/passwd", await host.get("/etc/passwd"))
    wanted = [file(closed, b"x"), everybodys]
    assert await differing(host, wanted) == ()
    assert await differing(host, wanted, reader="nobody") == (wanted[0],)


async def test_folders_are_made_with_their_parents_and_made_again_without_harm(
    host: Host, tmp_path: Path
) -> None:
    parent, child = tmp_path / "parent", tmp_path / "parent" / "child"
    for _ in range(2):
        await folders(host, str(parent), str(child), owner=ME, mode=0o750)
        assert [path.stat().st_mode & 0o777 for path in (parent, child)] == [0o750, 0o750]
        (child / "kept").touch()
    assert (child / "kept").exists()
