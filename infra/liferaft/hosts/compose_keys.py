"""The part of Compose that liferaft accepts, one row per key: what it is and what is valid.

The rest is refused when the file is read, not ignored on the night that it matters:
podman-compose 1.0.3 (Debian 12) drops keys that it does not know without a word.
`docs/compose.md` is this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from liferaft.hosts import compose_values as values


@dataclass(frozen=True)
class ComposeKey:
    """One key of a service. `read` turns the plain YAML value into ours or raises NotAccepted."""

    name: str
    meaning: str
    valid: str
    read: Callable[[Any], Any]


SERVICE_KEYS: Final = (
    ComposeKey(
        "image", "The image, loaded on the host from the vault", "a name with a tag", values.image
    ),
    ComposeKey(
        "command",
        "Replaces the image's command",
        "a string, or a list of strings",
        values.command,
    ),
    ComposeKey(
        "environment",
        "Variables that are no secrets and the same at every site",
        "a map of NAME: value, or a list of NAME=value",
        values.environment,
    ),
    ComposeKey(
        "env_file",
        "Given to every service by itself; may be written for other tools",
        "app.env",
        values.env_file,
    ),
    ComposeKey(
        "ports",
        "Ports published on the server",
        'a list of "[ADDRESS:]PORT:PORT[/udp]", quoted',
        values.ports,
    ),
    ComposeKey(
        "volumes",
        "Volumes on the server's own disk; they do not move with the app",
        "a list of NAME:/path[:ro] or /host/path:/path[:ro]",
        values.volumes,
    ),
    ComposeKey(
        "depends_on",
        "Started after these services of the same server",
        "a list of services of this file",
        values.names,
    ),
    ComposeKey(
        "init", "A small init forwards signals to the process", "true or false", values.read_boolean
    ),
    ComposeKey(
        "user", "Who the process runs as", "a name or number, with an optional :group", values.user
    ),
    ComposeKey("working_dir", "Where the process starts", "an absolute path", values.absolute_path),
    ComposeKey(
        "stop_grace_period",
        "How long a stop waits before it kills",
        "a duration such as 10s or 1m30s, at most 5m",
        values.duration_seconds,
    ),
)

BY_NAME: Final[Mapping[str, ComposeKey]] = {key.name: key for key in SERVICE_KEYS}


def markdown_table() -> str:
    """The table of `docs/compose.md`."""
    rows = [f"| `{key.name}` | {key.meaning} | {key.valid} |" for key in SERVICE_KEYS]
    return "\n".join(["| key of a service | what it does | valid |", "| --- | --- | --- |", *rows])
