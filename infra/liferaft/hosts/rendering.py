"""The Compose file for podman-compose on one server: canonical, the same for the same input.

podman-compose is told what all its versions do alike. The rest of a service podman is told itself
(`hosts.options`), since podman-compose 1.0.3 drops keys that it does not know without a word.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import yaml

from liferaft.compose.application import Compose
from liferaft.compose.service import Mount, MountKind, Service


def render(compose: Compose) -> str:
    """The file's text."""
    here = compose.services
    services = {name: _written(each, here) | {"restart": "always"} for name, each in here.items()}
    return _document(compose, services)


def render_jobs(compose: Compose) -> str:
    """The text of a file of containers that are run to their end, one at a time: nothing starts
    them again, nobody is led to them, and what they need is there before."""
    services = {
        name: _written(replace(each, ports=()), ()) for name, each in compose.services.items()
    }
    return _document(compose, services)


def _document(compose: Compose, services: dict[str, Any]) -> str:
    volumes = {name for each in compose.services.values() for name in each.named_volumes}
    document: dict[str, Any] = {
        "services": services,
        # podman-compose makes one from 1.1 on that nobody asked for, and leaves it behind.
        "x-podman": {"in_pod": False},
    }
    if volumes:
        document["volumes"] = {name: {} for name in sorted(volumes)}
    return yaml.safe_dump(document, sort_keys=False)


def _written(service: Service, here: Collection[str]) -> dict[str, Any]:
    """`restart` is ours: podman brings a crashed container back, the unit brings back a server.

    Variables lie in files of which podman-compose is not told (`hosts.podman`): what it reads it
    gives to podman as arguments, which processes of the server and its journal show.
    """
    after = [name for name in service.depends_on if name in here]
    written: dict[str, Any] = {
        "image": service.image,
        "command": [_literal(one) for one in service.command or ()],
        "ports": list(service.ports),
        "volumes": [_mounted(one) for one in service.volumes],
        "depends_on": after,
        "init": service.init,
        "user": service.user,
        "working_dir": service.working_dir and _literal(service.working_dir),
    }
    return {key: value for key, value in written.items() if value not in (None, False, [])} | {
        "stop_grace_period": f"{service.stop_grace_period}s"
    }


def _mounted(mount: Mount) -> str:
    """What goes with the file lies beside it, wherever that is while it is tried."""
    source = f"./{mount.source}" if mount.kind is MountKind.SHIPPED else mount.source
    options = [",".join(mount.options)] if mount.options else []
    return _literal(":".join([source, mount.target, *options]))


def _literal(text: str) -> str:
    """podman-compose fills in variables, too."""
    return text.replace("$", "$$")
