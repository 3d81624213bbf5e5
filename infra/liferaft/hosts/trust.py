"""From a throw-away host key to the host's own: nobody is ever trusted on first use.

The user data carries a host key that the cloud can read (`user_data`). The first connection pins
it, makes the host generate a key that never leaves it, and reads the public half over that
connection. Only when the caller has stored it is the first key deleted. Killed anywhere, the same
call goes on: until the host's own key has answered, both keys are known, and no others are taken.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from liferaft.failures import Failure, Own
from liferaft.hosts.ssh_files import OWN_KEY, SSHD_CONFIG, THROWAWAY_KEY, sshd_config
from liferaft.remote.contract import Host, HostKeyMismatch
from liferaft.remote.waiting import wait_until

BOOT_SECONDS: Final = 120.0
"""How long a host that answers may show other keys: sshd starts before the user data has run."""
RELOAD_SECONDS: Final = 15.0
"""How long sshd may go on with the old key after it was told to reload."""
_PAUSE_SECONDS: Final = 0.1
"""Between two attempts; each waits by itself where the server would turn us away."""


@dataclass(frozen=True)
class Pin:
    """What the caller keeps about a host, in the vault."""

    public_key: str
    """The host's own: `ssh-ed25519 AAAA…`."""
    settled: bool
    """The host answers with it, and the throw-away key is gone: nothing else is taken any more."""


Connector = Callable[[Sequence[str]], Awaitable[Host]]
"""Connects to one host, taking exactly these public host keys (`remote.connect`)."""


class HostKeyUnexpected(Failure):
    """The host says its own key is another one than the one that was stored for it."""


async def establish(
    connect: Connector,
    *,
    throwaway: str,
    stored: Pin | None,
    store: Callable[[Pin], Awaitable[None]],
    boot_seconds: float = BOOT_SECONDS,
) -> Pin:
    """The host's settled pin. `store` is awaited, durable on return, before a key is deleted.

    `throwaway` is the public half that came with the user data. Called again with what was stored,
    it goes on where it ended; with a settled pin it only connects. Whoever answers with another key
    is refused before anything is sent: HostKeyMismatch, at once if the pin is settled, else when
    it still goes on after `boot_seconds`.
    """
    if stored and stored.settled:
        await (await connect([stored.public_key])).close()
        return stored
    known = [throwaway, stored.public_key] if stored else [throwaway]
    async with _connect_in_time(connect, known, boot_seconds) as host:
        own = await generate(host)
        if stored and stored.public_key != own:
            raise HostKeyUnexpected(
                "The host's own key is not the one that was stored for it.",
                safe=Own("Nothing was changed on the host."),
                do="If the server was rebuilt on purpose, delete it and let it be created again.",
            )
        if not stored:
            await store(Pin(own, settled=False))
        await retire(host)
    async with _connect_in_time(connect, [own], RELOAD_SECONDS):
        settled = Pin(own, settled=True)
    await store(settled)
    return settled


async def generate(host: Host) -> str:
    """The host's own public key, `ssh-ed25519 AAAA…`; made on the host if it has none yet."""
    said = await host.run(_GENERATE)
    kind, key, *_ = said.text.split()
    return f"{kind} {key}"


async def retire(host: Host) -> None:
    """From now on the host answers with its own key; the throw-away key is deleted."""
    await host.run(_RETIRE, stdin=sshd_config(OWN_KEY).encode())


@asynccontextmanager
async def _connect_in_time(
    connect: Connector, known: Sequence[str], patience: float
) -> AsyncIterator[Host]:
    """A connection to whoever proves a known key within `patience` seconds, closed at the end."""
    opened: list[Host] = []
    refused: list[HostKeyMismatch] = []

    async def proves_a_known_key() -> bool:
        try:
            opened.append(await connect(known))
        except HostKeyMismatch as mismatch:
            refused.append(mismatch)
        return bool(opened)

    if not await wait_until(proves_a_known_key, seconds=patience, every=_PAUSE_SECONDS):
        raise refused[-1]
    try:
        yield opened[0]
    finally:
        await opened[0].close()


# The private half takes its name last: a key that is there is whole and has its public half.
_GENERATE = f"""
if [ ! -s {OWN_KEY} ]; then
    rm -f {OWN_KEY}.new {OWN_KEY}.new.pub
    ssh-keygen -q -t ed25519 -N '' -C '' -f {OWN_KEY}.new
    mv {OWN_KEY}.new.pub {OWN_KEY}.pub
    sync {OWN_KEY}.new {OWN_KEY}.pub
    mv {OWN_KEY}.new {OWN_KEY}
fi
cat {OWN_KEY}.pub
"""

# sshd reads keys when it starts: the throw-away key is deleted after the reload, so that being
# killed in between means doing both again.
_RETIRE = f"""
test -s {OWN_KEY}
cat >{SSHD_CONFIG}.new
if [ -e {THROWAWAY_KEY} ] || ! cmp -s {SSHD_CONFIG}.new {SSHD_CONFIG}; then
    sshd -t -f {SSHD_CONFIG}.new
    mv {SSHD_CONFIG}.new {SSHD_CONFIG}
    systemctl reload ssh
    rm -f {THROWAWAY_KEY}
fi
rm -f {SSHD_CONFIG}.new
"""
