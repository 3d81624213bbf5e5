"""A repository of pgBackRest in a modelled store."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.models.machine import Machine, variable

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.data.postgres.layout import cluster_of
from liferaft.data.postgres.wal import Segment

CLUSTER = cluster_of(DEFAULT_SYSTEM)
"""Of the one system that machines here run."""
ARCHIVE = CLUSTER.archive


@dataclass(frozen=True)
class Repository:
    """One of a pgBackRest configuration."""

    store: dict[str, bytes]
    path: str

    def below(self, folder: str) -> dict[str, bytes]:
        start = f"{self.path}/{folder}/"
        return {key: body for key, body in self.store.items() if key.startswith(start)}

    @property
    def segments(self) -> dict[Segment, bytes]:
        names = ((key.rpartition("/")[2], body) for key, body in self.below(ARCHIVE).items())
        return {Segment.parse(name.partition("-")[0]): body for name, body in names if "-" in name}


def repositories(machine: Machine, config: str) -> list[Repository]:
    """In the order of their numbers."""
    text = machine.files.read(config).decode()
    numbers = sorted(
        {int(number) for number in re.findall(r"^repo(\d+)-path=", text, re.MULTILINE)}
    )
    return [
        Repository(
            machine.outside[variable(text, f"repo{number}-s3-bucket")],
            variable(text, f"repo{number}-path").lstrip("/"),
        )
        for number in numbers
    ]


def info(one: Repository) -> list[dict[str, Any]]:
    key = f"{one.path}/archive/main/archive.info"
    if key not in one.store:
        return []
    backups = [
        json.loads(body)["row"]
        for path, body in sorted(one.below("backup/main").items())
        if path.endswith("backup.manifest")
    ]
    return [
        {
            "db": [{"system-id": int(one.store[key])}],
            "backup": backups,
            "status": {"code": 0},
        }
    ]


def expire(one: Repository, options: dict[str, str]) -> int:
    """A backup goes, but for the last one."""
    if [backup["label"] for backup in info(one)[0]["backup"]] == [options["set"]]:
        return 75
    for key in one.below(f"backup/main/{options['set']}"):
        del one.store[key]
    return 0
