"""What a large file on a host holds is known by its digest."""

import hashlib
from pathlib import Path

from liferaft.remote.contract import Host
from liferaft.remote.digests import digest_argv, has_digest

CONTENT = b"an archive\n" * 100_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


async def test_a_file_has_the_digest_of_all_that_it_holds(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "an archive's file"
    path.write_bytes(CONTENT)
    assert (await host.run(digest_argv(str(path)))).text == DIGEST
    assert await has_digest(host, str(path), DIGEST, deadline=30)
    path.write_bytes(CONTENT[:-1])
    assert not await has_digest(host, str(path), DIGEST, deadline=30)


async def test_a_file_that_is_not_there_has_no_digest(host: Host, tmp_path: Path) -> None:
    assert not await has_digest(host, str(tmp_path / "none"), DIGEST, deadline=30)
