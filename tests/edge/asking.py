"""What tests of the edge do on a host: an app is started, and somebody looks who answers."""

import asyncio
import time
from typing import Any

import pytest

from liferaft.edge import proxy
from liferaft.edge.caddyfile import Edge
from liferaft.edge.proxy import Serving

PATIENCE = 60.0
"""Seconds for what comes to its end by itself, on a busy machine too."""
SEEN_SECONDS = 60.0
DIRECTORY = "https://ca.test:9443/acme/lab/directory"


async def start_app(host: Any, name: str = "one", port: int = 8080, *, well: bool = True) -> None:
    if well:
        await host.run(["touch", f"/run/well-{name}"])
    await host.run(
        f"setsid python3 /run/app.py {port} {name} >/dev/null 2>&1 & echo $! >/run/{name}"
    )
    await host.wait(f"curl -s http://127.0.0.1:{port}/", until="the app", deadline=PATIENCE)


async def seen(host: Any, edge: Edge, what: Serving) -> None:
    """Within a busy machine's time for two health checks."""
    deadline = time.monotonic() + SEEN_SECONDS
    while await proxy.serving(host, edge) is not what:
        if time.monotonic() > deadline:
            pytest.fail(f"{what} was not seen within {SEEN_SECONDS:.0f} s")
        await asyncio.sleep(0.1)
