"""The way from the throw-away key to the host's own, with real sshd and somebody in the middle."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncssh
import pytest
from pydantic import SecretStr
from tests.hosts.keys import new_key_pair
from tests.remote.penalising import Penalising

from liferaft import remote
from liferaft.hosts import trust
from liferaft.hosts.keys import SshKeyPair
from liferaft.hosts.ssh_files import OWN_KEY, SSHD_CONFIG, THROWAWAY_KEY
from liferaft.hosts.trust import Connector, Pin, establish
from liferaft.hosts.user_data import user_data
from liferaft.remote import penalties

pytestmark = pytest.mark.sandbox
OPERATOR, THROWAWAY = new_key_pair(), new_key_pair()


class Killed(BaseException):
    """The process ends here."""


class Store:
    """A vault's place for one pin; `fail_on` kills after the nth time of storing."""

    def __init__(self, fail_on: int = 0) -> None:
        self.pins: list[Pin] = []
        self.fail_on = fail_on

    @property
    def stored(self) -> Pin | None:
        return self.pins[-1] if self.pins else None

    async def store(self, pin: Pin) -> None:
        self.pins.append(pin)
        if len(self.pins) == self.fail_on:
            raise Killed


def connector(port: int, asked: list[Sequence[str]] | None = None) -> Connector:
    """Notes the keys of every attempt in `asked`."""

    async def connect(keys: Sequence[str]) -> remote.Host:
        if asked is not None:
            asked.append(keys)
        return await remote.connect(
            "127.0.0.1",
            port=port,
            client_key=SecretStr(OPERATOR.private),
            host_keys=keys,
            deadline=60,
        )

    return connect


@pytest.fixture
async def booted(server: Any) -> Any:
    await server.boot(user_data(throwaway=THROWAWAY, authorized_key=OPERATOR.public))
    return server


async def goes_on(port: int, store: Store) -> Pin:
    return await establish(
        connector(port), throwaway=THROWAWAY.public, stored=store.stored, store=store.store
    )


async def only_its_own_key_is_left(host: remote.Host) -> bool:
    asked = f"test -s {OWN_KEY} && test ! -e {THROWAWAY_KEY} && grep -qs {OWN_KEY} {SSHD_CONFIG}"
    return (await host.run(asked, check=False)).exit_code == 0


async def test_the_host_answers_with_its_own_key_and_the_first_is_gone(booted: Any) -> None:
    store = Store()
    pin = await goes_on(booted.port, store)
    assert pin.settled
    assert pin.public_key not in (THROWAWAY.public, OPERATOR.public)
    assert store.pins == [Pin(pin.public_key, settled=False), pin]
    with pytest.raises(remote.HostKeyMismatch):
        await connector(booted.port)([THROWAWAY.public])
    host = await connector(booted.port)([pin.public_key])
    assert await only_its_own_key_is_left(host)
    await host.close()
    assert (await booted.run(f"ls {THROWAWAY_KEY} 2>&1 || true")).endswith(
        "No such file or directory\n"
    )


async def test_a_second_time_only_connects(booted: Any) -> None:
    store = Store()
    pin = await goes_on(booted.port, store)
    assert await goes_on(booted.port, store) == pin
    assert len(store.pins) == 2


@pytest.mark.parametrize("nth", [1, 2])
async def test_killed_while_storing_it_goes_on_with_the_same_key(booted: Any, nth: int) -> None:
    store = Store(fail_on=nth)
    with pytest.raises(Killed):
        await goes_on(booted.port, store)
    pin = await goes_on(booted.port, store)
    assert {each.public_key for each in store.pins} == {pin.public_key}
    assert pin.settled


async def test_killed_before_anything_was_stored_the_host_keeps_its_key(booted: Any) -> None:
    host = await connector(booted.port)([THROWAWAY.public])
    own = await trust.generate(host)
    await host.close()
    assert (await goes_on(booted.port, Store())).public_key == own


async def test_killed_between_retiring_and_storing_it_goes_on(booted: Any) -> None:
    host = await connector(booted.port)([THROWAWAY.public])
    store = Store()
    await store.store(Pin(await trust.generate(host), settled=False))
    await trust.retire(host)
    await host.close()
    assert (await goes_on(booted.port, store)).settled


async def test_user_data_run_again_at_a_later_boot_brings_nothing_back(booted: Any) -> None:
    pin = await goes_on(booted.port, Store())
    await booted.boot(user_data(throwaway=THROWAWAY, authorized_key=OPERATOR.public))
    host = await connector(booted.port)([pin.public_key])
    assert await only_its_own_key_is_left(host)
    await host.close()


async def test_a_booting_host_that_still_shows_its_images_keys_is_waited_for(server: Any) -> None:
    await server.run("ssh-keygen -A; systemctl restart ssh")
    trusting = asyncio.create_task(goes_on(server.port, Store()))
    await asyncio.sleep(0.5)
    assert not trusting.done()
    await server.boot(user_data(throwaway=THROWAWAY, authorized_key=OPERATOR.public))
    assert (await trusting).settled


async def test_passwords_root_and_other_users_are_shut_out(booted: Any) -> None:
    effective = await booted.run("sshd -T -C user=root,addr=192.0.2.1,host=there")
    for line in (
        "passwordauthentication no",
        "permitrootlogin no",
        "allowusers liferaft",
        "authenticationmethods publickey",
        f"hostkey {THROWAWAY_KEY}",
    ):
        assert line in effective.splitlines()
    assert effective.count("hostkey ") == 1


class InTheMiddle(asyncssh.SSHServer):
    """Takes anybody who lets it, and remembers who tried to log in."""

    def __init__(self, tried: list[str]) -> None:
        self._tried = tried

    def begin_auth(self, username: str) -> bool:
        self._tried.append(username)
        return False


@pytest.fixture
async def middle() -> AsyncIterator[tuple[int, list[str]]]:
    tried: list[str] = []
    key = asyncssh.import_private_key(new_key_pair().private)
    factory: Callable[[], InTheMiddle] = lambda: InTheMiddle(tried)  # noqa: E731 - typed
    async with asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[key], server_factory=factory
    ) as at:
        yield at.get_port(), tried


async def test_somebody_in_the_middle_is_refused_before_anything_is_sent(
    middle: tuple[int, list[str]],
) -> None:
    port, tried = middle
    store = Store()
    with pytest.raises(remote.HostKeyMismatch):
        await establish(
            connector(port),
            throwaway=THROWAWAY.public,
            stored=None,
            store=store.store,
            boot_seconds=1,
        )
    assert tried == []
    assert store.pins == []


async def test_somebody_in_the_middle_of_a_settled_host_is_refused_at_once(
    middle: tuple[int, list[str]],
) -> None:
    port, tried = middle
    known = Pin(new_key_pair().public, settled=True)
    asked: list[Sequence[str]] = []
    with pytest.raises(remote.HostKeyMismatch):
        await establish(
            connector(port, asked), throwaway=THROWAWAY.public, stored=known, store=Store().store
        )
    assert asked == [[known.public_key]]
    assert tried == []


async def test_the_throwaway_key_opens_nothing_once_the_pin_is_settled(server: Any) -> None:
    """Whoever read the user data and answers with its key meets a pin that knows better."""
    await server.boot(user_data(throwaway=THROWAWAY, authorized_key=OPERATOR.public))
    known = Pin(new_key_pair().public, settled=True)
    with pytest.raises(remote.HostKeyMismatch):
        await establish(
            connector(server.port), throwaway=THROWAWAY.public, stored=known, store=Store().store
        )


async def test_a_rebuilt_host_with_another_key_of_its_own_is_not_taken(booted: Any) -> None:
    other = Pin(new_key_pair().public, settled=False)
    with pytest.raises(trust.HostKeyUnexpected):
        await establish(
            connector(booted.port), throwaway=THROWAWAY.public, stored=other, store=Store().store
        )


def test_keys_do_not_show_in_a_representation() -> None:
    assert "PRIVATE" not in repr(SshKeyPair("-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-ed25519 A"))


async def test_asking_for_the_right_host_key_turns_no_server_against_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, early = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    server = Penalising(0.1, client)
    for name in ("REFUSED_SECONDS", "CLOSED_SECONDS", "MOST_SECONDS"):
        monkeypatch.setattr(penalties, name, getattr(penalties, name) * server.scale)
    asked: list[str] = []

    async def connect(keys: Sequence[str]) -> remote.Host:
        asked.extend(keys)
        if len(asked) > 30:
            raise Killed
        return await remote.connect(
            "127.0.0.1",
            port=server.port,
            client_key=SecretStr(client.export_private_key().decode()),
            host_keys=keys,
            deadline=60,
        )

    async with server.listening(early):
        with pytest.raises(Killed):
            await establish(connect, throwaway=THROWAWAY.public, stored=None, store=Store().store)
    assert (len(asked), server.turned_away) == (31, 0)
