"""Services of tests with real containers, and what podman says of them."""

from dataclasses import replace
from typing import Any

from liferaft.compose.application import Compose
from liferaft.compose.service import Service

PATIENCE = 120.0
"""Seconds for what comes to its end by itself, on a busy machine too."""
SLEEPS = Service("localhost/shell:1", command=("/bin/sleep", "1000"), stop_grace_period=0)


async def logs(host: Any, name: str) -> str:
    said = await host.run(["podman", "logs", name])
    return str(said.stdout.decode())


def saying(word: str) -> Compose:
    """A service that says a word and stays."""
    script = f"echo {word}; exec /bin/sleep 1000"
    return Compose({"web": replace(SLEEPS, command=("/bin/sh", "-c", script))})


def crashing(word: str) -> Compose:
    """A service that says a word and ends, again and again."""
    return Compose({"web": replace(SLEEPS, command=("/bin/sh", "-c", f"echo {word}; exit 3"))})


async def ids(host: Any) -> str:
    return str((await host.run("podman ps --quiet --no-trunc | sort")).text)
