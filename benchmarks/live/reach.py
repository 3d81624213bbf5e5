"""How a run reaches what it made: its server over SSH, and its bucket as an application would."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import asyncssh
from pydantic import SecretStr

from liferaft.clouds.kinds import BucketFacts
from liferaft.clouds.registry import CA_FILE
from liferaft.config import VaultConfig
from liferaft.config.credentials import VaultCredentials
from liferaft.failures import BadInput, DeadlinePassed
from liferaft.hosts.keys import SshKeyPair
from liferaft.hosts.trust import Pin, establish
from liferaft.hosts.user_data import user_data
from liferaft.remote import Host, connect
from liferaft.vault import Vault, open_vault

CONNECT_SECONDS = 300.0
DEVICE_SECONDS = 60.0
KEYS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
OURS = "LIFERAFT_BUCKET_LIVE_"
THEIRS: Mapping[str, str] = {"aws": "AWS_", "hetzner": "HETZNER_S3_"}
"""How the variables begin whose keys open the bucket, if OURS are not set."""


class Reach(Protocol):
    """What the story needs of it."""

    @property
    def client(self) -> SshKeyPair:
        """Lets us in."""
        ...

    def user_data(self) -> str:
        """The same text at every call."""
        ...

    async def addresses(self, server: str) -> Sequence[str]:
        """Of a server at a public address: its own IPv4 addresses, as root there sees them."""
        ...

    async def has_device(self, server: str, device: str) -> bool:
        """Whether the server has this block device, or gets it within a minute."""
        ...

    def store(self, bucket: BucketFacts) -> Vault:
        """Raises BadInput without keys for it."""
        ...


def new_key_pair() -> SshKeyPair:
    """Of this run alone."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode().split()
    return SshKeyPair(key.export_private_key().decode(), " ".join(public[:2]))


@dataclass
class RealReach:
    """Implements Reach. Keys live as long as the run."""

    cloud: str
    environ: Mapping[str, str] = field(repr=False)
    client: SshKeyPair = field(default_factory=new_key_pair)
    throwaway: SshKeyPair = field(default_factory=new_key_pair)
    _pin: Pin | None = None

    def user_data(self) -> str:
        return user_data(throwaway=self.throwaway, authorized_key=self.client.public)

    async def addresses(self, server: str) -> Sequence[str]:
        async with self._host(server) as host:
            return (await host.run(["hostname", "--all-ip-addresses"])).text.split()

    async def has_device(self, server: str, device: str) -> bool:
        async with self._host(server) as host:
            try:
                await host.wait(["test", "-b", device], until=device, deadline=DEVICE_SECONDS)
            except DeadlinePassed:
                return False
        return True

    def store(self, bucket: BucketFacts) -> Vault:
        key_id, secret = self._keys()
        trusted = self.environ.get(CA_FILE)
        credentials = VaultCredentials(
            SecretStr(key_id), SecretStr(secret), Path(trusted) if trusted else None
        )
        place = VaultConfig(
            url=f"s3://{bucket.name}", endpoint=bucket.endpoint or None, region=bucket.region
        )
        return open_vault("live", place, credentials, prefix="live")

    def _keys(self) -> tuple[str, str]:
        for start in (OURS, THEIRS.get(self.cloud, OURS)):
            found = [self.environ.get(f"{start}{key}", "") for key in KEYS]
            if all(found):
                return found[0], found[1]
        raise BadInput(
            f"There is no key pair for the bucket at {self.cloud}",
            safe="Nothing was written.",
            do=f"Set {' and '.join(f'{OURS}{key}' for key in KEYS)}.",
        )

    @asynccontextmanager
    async def _host(self, server: str) -> AsyncIterator[Host]:
        async def connected(keys: Sequence[str]) -> Host:
            return await connect(
                server,
                client_key=SecretStr(self.client.private),
                host_keys=keys,
                deadline=CONNECT_SECONDS,
            )

        async def keep(pin: Pin) -> None:
            self._pin = pin

        pin = await establish(
            connected, throwaway=self.throwaway.public, stored=self._pin, store=keep
        )
        host = await connected([pin.public_key])
        try:
            yield host
        finally:
            await host.close()
