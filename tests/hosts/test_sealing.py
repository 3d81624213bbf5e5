"""A copy of a server is a server of its own: nobody else's keys, nobody else's identity."""

from typing import Any

import asyncssh
import pytest
from pydantic import SecretStr
from tests.hosts.keys import new_key_pair

from liferaft import remote
from liferaft.hosts.sealing import seal_server
from liferaft.hosts.user_data import user_data

pytestmark = pytest.mark.sandbox
UNITS = ("caddy", "postgresql")
BUILDERS, OPERATOR = new_key_pair(), new_key_pair()
COPYS, OPERATOR_LATER = new_key_pair(), new_key_pair()


async def entered(
    port: int, host_key: str, private: str, *, booting: bool = True
) -> remote.SshHost:
    return await remote.connect(
        "127.0.0.1",
        port=port,
        client_key=SecretStr(private),
        host_keys=[host_key],
        deadline=60,
        booting=booting,
    )


async def test_a_copy_answers_with_its_own_key_to_its_own_operator_only(server: Any) -> None:
    await server.boot(user_data(throwaway=BUILDERS, authorized_key=OPERATOR.public))
    await seal_server(server.host, UNITS)
    await (await entered(server.port, BUILDERS.public, OPERATOR.private)).close()
    await server.boot(user_data(throwaway=COPYS, authorized_key=OPERATOR_LATER.public))
    await (await entered(server.port, COPYS.public, OPERATOR_LATER.private)).close()
    with pytest.raises(remote.HostKeyMismatch):
        await entered(server.port, BUILDERS.public, OPERATOR_LATER.private)
    with pytest.raises(remote.Unreachable) as refused:
        await entered(server.port, COPYS.public, OPERATOR.private, booting=False)
    assert isinstance(refused.value.__cause__, asyncssh.PermissionDenied)


async def test_a_copy_has_no_identity_until_it_boots(server: Any) -> None:
    await server.run("echo 0123456789abcdef0123456789abcdef >/etc/machine-id")
    await seal_server(server.host, UNITS)
    assert await server.run("cat /etc/machine-id") == ""
    assert await server.run("ls /etc/ssh/ssh_host_* 2>/dev/null || true") == ""


async def test_sealing_twice_is_no_error(server: Any) -> None:
    await seal_server(server.host, UNITS)
    await seal_server(server.host, UNITS)
