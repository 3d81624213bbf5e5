"""A server with an app and an ACME server, in a network of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.edge.asking import DIRECTORY
from tests.hosts.chroot import ChrootHost, chroot_host

from liferaft.edge.caddyfile import Edge

HERE = Path(__file__).parent


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[ChrootHost]:
    with chroot_host(tmp_path / "room", HERE / "systemctl") as host:
        for name in ("app.py", "ca.Caddyfile"):
            await host.put(f"/run/{name}", (HERE / name).read_bytes(), mode=0o644)
        await host.run(
            "echo 127.0.0.1 localhost chirp.test ca.test staging.test >/etc/hosts; "
            "ip link set lo up; sysctl -qw net.ipv4.ip_unprivileged_port_start=0"
        )
        log = b"#!/bin/sh\ncat /run/caddy/log\n"
        await host.put("/usr/local/bin/journalctl", log, mode=0o755)
        yield host


@pytest.fixture
async def ca_root(host: ChrootHost) -> str:
    """An ACME server at https://ca.test:9443/acme/lab/directory; the root of its certificates."""
    await host.run("caddy start --config /run/ca.Caddyfile --adapter caddyfile >/run/ca.log 2>&1")
    root = "/run/ca/pki/authorities/lab/root.crt"
    await host.wait(f"curl -s --cacert {root} https://ca.test:9443/", until="the CA", deadline=60)
    return (await host.get(root)).decode()


@pytest.fixture
def edge(ca_root: str) -> Edge:
    return Edge("chirp.test", "ops@chirp.test", DIRECTORY, ca_root=ca_root, users_root=ca_root)
