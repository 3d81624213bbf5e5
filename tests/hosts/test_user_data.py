"""The first boot's script, as text and run for real."""

from typing import Any

import pytest
from tests.hosts.keys import new_key_pair

from liferaft.failures import BadInput
from liferaft.hosts.ssh_files import THROWAWAY_KEY
from liferaft.hosts.user_data import LARGEST, user_data

OPERATOR, THROWAWAY = new_key_pair(), new_key_pair()
SCRIPT = user_data(throwaway=THROWAWAY, authorized_key=OPERATOR.public)


def test_the_script_is_short_and_holds_no_secret_but_the_throwaway_key() -> None:
    assert len(SCRIPT.encode()) < LARGEST / 2
    assert SCRIPT.startswith("#!/bin/sh\n")
    assert OPERATOR.private not in SCRIPT
    assert SCRIPT.count("PRIVATE KEY-----") == 2


def test_a_server_whose_host_key_is_known_already_keeps_it() -> None:
    script = user_data(throwaway=None, authorized_key=OPERATOR.public)
    assert "PRIVATE KEY" not in script
    assert "HostKey" not in script
    assert "AllowUsers liferaft" in script


@pytest.mark.parametrize("key", ["", "ssh-ed25519 A\nEND", "ssh-ed25519 AAAA $(reboot)", "AAAA"])
def test_a_key_that_is_none_is_bad_input(key: str) -> None:
    with pytest.raises(BadInput):
        user_data(throwaway=THROWAWAY, authorized_key=key)


@pytest.mark.sandbox
async def test_run_twice_it_leaves_the_same(server: Any) -> None:
    async def state() -> str:
        return str(
            await server.run(
                f"cat /home/liferaft/.ssh/authorized_keys /etc/sudoers.d/liferaft {THROWAWAY_KEY};"
                f"stat -c '%n %U %a' /home/liferaft/.ssh /home/liferaft/.ssh/* {THROWAWAY_KEY}"
                " /etc/sudoers.d/liferaft; grep liferaft /etc/passwd; visudo -cq; sshd -t"
            )
        )

    await server.boot(SCRIPT)
    first = await state()
    await server.boot(SCRIPT)
    assert await state() == first
    assert f"{OPERATOR.public}\nliferaft ALL=(ALL) NOPASSWD:ALL\n{THROWAWAY.private}" in first
    assert f"{THROWAWAY_KEY} root 600" in first
    assert "/home/liferaft/.ssh/authorized_keys liferaft 600" in first
