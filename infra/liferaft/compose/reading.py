"""Services out of the tree of a Compose file: every finding of each, and what was accepted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from liferaft.compose import ending, environment, values
from liferaft.compose.findings import ComposeFinding
from liferaft.compose.loading import Loaded
from liferaft.compose.mounts import Mounted, Mounter
from liferaft.compose.node import YamlNode
from liferaft.compose.others import READERS
from liferaft.compose.placeholders import WrittenPlaceholder
from liferaft.compose.service import DEFAULT_STOP, Service
from liferaft.compose.shipping import ShippedFile
from liferaft.compose.telling import Telling
from liferaft.compose.values import shown

_LIMITS: Final[Mapping[tuple[str, str], str]] = {
    ("limits", "cpus"): "cpus",
    ("limits", "memory"): "mem_limit",
    ("limits", "pids"): "pids_limit",
    ("reservations", "memory"): "mem_reservation",
}
"""Of `deploy.resources`: the keys that say the same."""


@dataclass(frozen=True)
class ReadService:
    """One service, as much of it as could be read, so that the rest is checked as well.

    Attributes:
        files: what goes to the servers with it.
        sources: files of the operator's that say something of it.
        optional: services that it depends on only where they are there.
        ending: those of which it says that they end: they have to have done so well.
        retried: where it says that it is started again until it ends well.
        placeholders: what liferaft fills in of what it is told.
    """

    service: Service
    findings: tuple[ComposeFinding, ...]
    files: Mapping[str, ShippedFile] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()
    optional: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    retried: YamlNode | None = None
    placeholders: tuple[WrittenPlaceholder, ...] = ()


def read_service(
    name: str, node: YamlNode, loaded: Loaded, shipped: Collection[str]
) -> ReadService:
    """One service of the tree. shipped: folders that go to the servers. Blocks."""
    telling, found = Telling(shown(name)[1:-1]), Mounted()
    with telling.at(node):
        values.name(name)
    reader = _ServiceReader(node, telling)
    Mounter(loaded, shipped, telling, found).add(name, node.entries)
    told, placeholders = environment.read(name, node.entries, loaded, telling, found.sources)
    needs, optional = reader.needs()
    service = Service(
        image=reader.image(),
        pinned=reader.of("image", values.pinned, ""),
        command=reader.of("command", values.arguments, None),
        entrypoint=reader.of("entrypoint", values.arguments, None),
        environment=told,
        ports=reader.of("ports", values.ports, ()),
        depends_on=needs,
        init=reader.of("init", values.is_true, default=False),
        user=reader.of("user", values.user, None),
        working_dir=reader.of("working_dir", values.absolute_path, None),
        stop_grace_period=reader.of("stop_grace_period", values.stop_seconds, DEFAULT_STOP),
        names=reader.names(),
        others=reader.others(found.tmpfs),
        volumes=tuple(found.volumes),
        ends=ending.says(node, "no"),
    )
    findings, sources = tuple(telling.findings), tuple(found.sources)
    return ReadService(
        service,
        findings,
        found.files,
        sources,
        optional,
        ending=ending.awaited(node),
        retried=ending.policy(node) if ending.says(node, "on-failure") else None,
        placeholders=placeholders,
    )


class _ServiceReader:
    """Reads the keys of one service."""

    def __init__(self, node: YamlNode, telling: Telling) -> None:
        self._node = node
        self._entries = node.entries
        self._telling = telling

    def of(self, key: str, reader: Callable[[Any], Any], default: Any) -> Any:
        """The value of a key, by its reader."""
        if key in self._entries and self._entries[key].value is not None:
            with self._telling.at(self._entries[key], key):
                return reader(self._entries[key].plain())
        return default

    def image(self) -> str:
        if "image" in self._entries:
            return str(self.of("image", values.image, ""))
        if "build" in self._entries:
            self._telling.find(
                self._entries["build"],
                "build",
                "servers build nothing: a failover must not need a registry or a compiler",
                "image: NAME:TAG beside it; then `docker compose build` or `podman build`, and "
                'images = "local" under [app] of liferaft.toml',
            )
        else:
            self._telling.find(self._node, "image", "missing", "a name with a tag")
        return ""

    def needs(self) -> tuple[tuple[str, ...], frozenset[str]]:
        """Services that it starts after; those of them that need not be there."""
        needed: dict[str, None] = {}
        optional: set[str] = set()
        at = self._entries.get("depends_on")
        for name, about in at.entries.items() if at else ():
            required = about.entries.get("required")
            needed[name] = None
            if required and required.value in (False, "false"):
                optional.add(name)
        needed |= dict.fromkeys(str(item.value) for item in (at.items if at else ()))
        for item in self._items("links"):
            name, _, alias = str(item.value).partition(":")
            if alias and alias != name:
                reason = "no service is given a name by another one here"
                valid = f"networks: {{default: {{aliases: [{alias}]}}}} in {name}"
                self._telling.find(item, "links", reason, valid)
            needed[name] = None
        return tuple(needed), frozenset(optional)

    def names(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        called = self.of("container_name", values.name, None)
        found |= {called: None} if called else {}
        networks = self._entries.get("networks")
        for about in networks.entries.values() if networks else ():
            aliases = about.entries.get("aliases")
            found |= dict.fromkeys(str(one.value) for one in aliases.items) if aliases else {}
        return tuple(found)

    def others(self, tmpfs: Collection[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        found: dict[str, tuple[str, ...]] = {}
        for key, reader in READERS.items():
            value = self.of(key, reader, ())
            if any("\n" in one for one in value):
                self._telling.find(self._entries[key], key, "holds a line break", "one line")
            elif value:
                found[key] = value
        if tmpfs:
            found["tmpfs"] = (*found.get("tmpfs", ()), *tmpfs)
        deploy = self._entries.get("deploy")
        for (kind, key), other in _LIMITS.items() if deploy else ():
            resources = deploy.entries.get("resources") if deploy else None
            about = resources.entries.get(kind) if resources else None
            at = about.entries.get(key) if about else None
            if at and at.value is not None:
                with self._telling.at(at, f"deploy.resources.{kind}.{key}"):
                    found.setdefault(other, READERS[other](at.plain()))
        return tuple(sorted(found.items()))

    def _items(self, key: str) -> tuple[YamlNode, ...]:
        return self._entries[key].items if key in self._entries else ()
