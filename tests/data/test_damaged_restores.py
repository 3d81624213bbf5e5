"""What a restore says of content that is damaged in the vault, and what it does without it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.data.cluster import CLUSTER
from tests.moves.actions.scripted import Scripted

from liferaft.data.certificates.dataset import Certificates
from liferaft.data.failures import NotAsSealed, NotVerified, RestoreFailed
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.standby import restore_from_any
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.recovery.part import Part
from liferaft.remote.markers import MARKERS
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from liferaft.remote.contract import Command, Completed, Host

VAULT = VaultAccess("main", "b", "s3.test", 443, "r", "id", "secret")
SEALED = Sealed(VAULT, CryptSecrets("password", "salt"))
SAID = "x/cert.key: failed to authenticate decrypted block - bad password?"


class Caddys(Scripted):
    """A server whose vault has damaged certificates. It keeps markers, and files of any name."""

    def __init__(self, said: str) -> None:
        super().__init__({"rclone": (1, "", said), "bash": (0, "1\n1", "")})
        self.marks: dict[str, bytes] = {}

    async def run(self, command: Command, *, stdin: bytes = b"", **others: Any) -> Completed:
        text = " ".join(command)
        for name in ("certificates.restored",):
            if name in text and stdin:
                self.marks[name] = stdin
            if text == f"cat {MARKERS}/{name}":
                self.says = {**self.says, "cat": (0, self.marks.get(name, b"").decode(), "")}
        return await super().run(command, stdin=stdin, **others)

    async def put(self, *_: object, **__: object) -> None:
        """It lies there."""


@pytest.mark.parametrize("said", [SAID, "x/cert.key: Failed to copy: unexpected EOF"])
async def test_damaged_certificates_stop_no_failover_and_are_told(
    said: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = Caddys(said)
    host, part = (
        cast("Host", server),
        Part("certificates", "c", 1, "", 9, {"count": 4, "marker": "p"}),
    )
    data = Certificates(SEALED)
    with caplog.at_level(logging.WARNING):
        await data.restore(host, part, marker="p")
    assert "epoch-00000001/certificates" in caplog.text
    assert said in caplog.text
    assert await data.is_restored(host, marker="p")
    await data.verify(host, part)
    assert "Of 4 files of the certificates 1 came back" in caplog.text
    server.says = {**server.says, "bash": (0, "4\n3", "")}
    with pytest.raises(NotVerified):
        await data.verify(host, part)


async def test_certificates_that_cannot_be_reached_are_no_damage() -> None:
    host, part = cast("Host", Caddys("connection refused")), Part("certificates", "c", 1, "", 9)
    with pytest.raises(RestoreFailed, match="rclone ended with 1"):
        await Certificates(SEALED).restore(host, part, marker="p")


@pytest.mark.parametrize(("code", "kind"), [(29, NotAsSealed), (26, NotAsSealed), (50, None)])
async def test_a_damaged_backup_is_told_with_an_older_point_and_not_with_running_it_again(
    code: int, kind: type[NotAsSealed] | None
) -> None:
    said = f"ERROR: [{code:03}]: unable to read '/chirp/epoch-00000001/pgbackrest/x'"
    host = cast("Host", Scripted({"systemd-run": (code, "", said)}))
    part = Part("postgres", "db", 1, "", 9, {"labels": {"main": "20261122-135900F"}})
    source = Repository(VAULT, 1, "cipher")
    with pytest.raises(RestoreFailed) as caught:
        await restore_from_any(host, CLUSTER, part, [source], 1)
    assert isinstance(caught.value, NotAsSealed) == (kind is NotAsSealed)
    if kind is not None:
        assert "backup/main/20261122-135900F" in caught.value.facts.happened
        assert said in caught.value.facts.happened
        assert "does not help" in caught.value.facts.do
        assert "--point" in caught.value.facts.do
