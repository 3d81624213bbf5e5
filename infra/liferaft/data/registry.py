"""The kinds of data that there are: a line for each. They are loaded when they are asked for."""

import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liferaft.config import Config
from liferaft.config.data import DataConfig

if TYPE_CHECKING:
    from liferaft.data.kind import Kind


@dataclass(frozen=True)
class KindEntry:
    """Where a kind is found, as `module:name`: its `Kind`, and the model of its table [data.NAME];
    None for what every application has and nobody declares."""

    kind: str
    config: str | None = None


ENTRIES: dict[str, KindEntry] = {
    "postgres": KindEntry(
        "liferaft.data.postgres.kind:POSTGRES", "liferaft.data.postgres.config:PostgresConfig"
    ),
    "bucket": KindEntry(
        "liferaft.data.bucket.kind:BUCKET", "liferaft.data.bucket.config:BucketConfig"
    ),
    "volume": KindEntry(
        "liferaft.data.volume.kind:VOLUME", "liferaft.data.volume.config:VolumeConfig"
    ),
    "certificates": KindEntry("liferaft.data.certificates.kind:CERTIFICATES"),
    "image": KindEntry("liferaft.data.container_images.kind:CONTAINER_IMAGES"),
    "records": KindEntry("liferaft.data.records.kind:RECORDS"),
    "jobs": KindEntry("liferaft.data.jobs.kind:JOBS"),
}


def kind(name: str) -> "Kind[Any]":
    """The kind of that name. Raises KeyError."""
    found: Kind[Any] = pkgutil.resolve_name(ENTRIES[name].kind)
    return found


def configs() -> Mapping[str, type[DataConfig]]:
    """What each kind takes in liferaft.toml."""
    named = ((name, entry.config) for name, entry in ENTRIES.items())
    return {name: pkgutil.resolve_name(config) for name, config in named if config}


def kinds() -> "tuple[Kind[Any], ...]":
    """All of them."""
    return tuple(kind(name) for name in ENTRIES)


def kept(config: Config) -> "Iterator[tuple[Kind[Any], str]]":
    """The data sets of an application with their kinds: those that it declares, and then what
    every application has."""
    for name, data in config.data.items():
        yield kind(data.kind), name
    for name, entry in ENTRIES.items():
        if entry.config is None:
            yield kind(name), name


def kinds_of(config: Config) -> "tuple[Kind[Any], ...]":
    """The kinds that an application has, each once, in the order of `kept`."""
    return tuple(dict.fromkeys(kind for kind, _ in kept(config)))
