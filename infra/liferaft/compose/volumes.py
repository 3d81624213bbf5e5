"""Where services keep something: each place is data, which moves, or declared ephemeral."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.service import Mount, MountKind


@dataclass(frozen=True)
class WrittenVolume:
    """One place where one service writes what outlives its container."""

    service: str
    written: str
    target: str
    kind: MountKind
    at: YamlNode = field(repr=False, compare=False)

    @classmethod
    def of(cls, service: str, node: YamlNode, mount: Mount) -> "WrittenVolume":
        """node: the service."""
        at = node
        for item in node.entries["volumes"].items if "volumes" in node.entries else ():
            said = item.plain()
            where = said if isinstance(said, str) else str(said.get("target"))
            if mount.target in where:
                at = item
        return cls(service, mount.written, mount.target, mount.kind, at)


def undeclared(
    volumes: Sequence[WrittenVolume], declared: Collection[str]
) -> Iterator[ComposeFinding]:
    """Volumes of which liferaft.toml says neither that a data set keeps them nor that they may be
    lost. Each place once, however many services share it."""
    seen: set[str] = set()
    for volume in volumes:
        if volume.written in declared or volume.written in seen:
            continue
        seen.add(volume.written)
        yield volume.at.found(
            f"services.{volume.service}.volumes",
            f"{volume.written!r} is neither data nor ephemeral: what is written to {volume.target} "
            "would be lost at a failover",
            _way_out(volume),
        )


def _way_out(volume: WrittenVolume) -> str:
    """What has no name of its own is not kept: a folder of the server's, a place in a service."""
    kept = f'[data.NAME] of liferaft.toml with kind = "volume" and volume = "{volume.written}"'
    if volume.kind is MountKind.SERVER or ":" in volume.written:
        kept = f"`NAME:{volume.target}` in its place, which a [data.NAME] of liferaft.toml keeps"
    elif volume.written.startswith("."):
        kept = f"`:ro` behind it if it only holds files of yours; {kept}"
    return f'{kept}; or ephemeral = ["{volume.written}"] under [volumes] there, if it may be lost'


def unknown(volumes: Sequence[WrittenVolume], declared: Collection[str]) -> tuple[str, ...]:
    """Names that liferaft.toml says something of and the Compose file has not."""
    known = {volume.written for volume in volumes}
    return tuple(name for name in declared if name not in known)
