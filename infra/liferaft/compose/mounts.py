"""What a service mounts: volumes, files beside the Compose file, configs and secrets."""

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from liferaft.compose import placeholders, shipping
from liferaft.compose.loading import Loaded
from liferaft.compose.node import YamlNode
from liferaft.compose.secret_marks import mark
from liferaft.compose.service import Mount, MountKind
from liferaft.compose.shipping import Shipment, ShippedFile
from liferaft.compose.telling import Telling
from liferaft.compose.values import NotAccepted, absolute_path, is_true, name, shown, text
from liferaft.compose.volume_name import volume_name

_SOCKETS: Final = re.compile(r".*/(docker|podman)(/podman)?\.sock")
_IGNORED: Final = frozenset({"rw", "z", "Z", "cached", "delegated", "consistent", "copy"})
_TAKEN: Final = frozenset({"ro", "nocopy"})


@dataclass
class Mounted:
    """What was found so far of one service."""

    volumes: list[Mount] = field(default_factory=list)
    tmpfs: list[str] = field(default_factory=list)
    files: dict[str, ShippedFile] = field(default_factory=dict)
    sources: list[Path] = field(default_factory=list)

    def ship(self, shipment: Shipment, target: str, written: str) -> None:
        self.files |= shipment.files
        self.sources += shipment.sources
        self.volumes.append(
            Mount(MountKind.SHIPPED, shipment.name, target, written, options=("ro",))
        )


@dataclass(frozen=True)
class _AskedMount:
    """One entry under `volumes`, short or long."""

    kind: str
    source: str
    target: str
    options: tuple[str, ...] = ()

    @property
    def kept_options(self) -> tuple[str, ...]:
        return tuple(one for one in self.options if one in _TAKEN)


class Mounter:
    """Adds what services mount to what was found. shipped: folders that liferaft.toml says hold
    files of the operator's. Its acts block."""

    def __init__(
        self, loaded: Loaded, shipped: Collection[str], telling: Telling, found: Mounted
    ) -> None:
        self._loaded, self._telling, self._found = loaded, telling, found
        self._shipped = {one.rstrip("/") for one in shipped}

    def add(self, who: str, entries: Mapping[str, YamlNode]) -> None:
        """All of one service."""
        for item in entries["volumes"].items if "volumes" in entries else ():
            with self._telling.at(item, "volumes"):
                self._volume(item, who)
        for kind in ("secrets", "configs"):
            about = self._loaded.root.entries.get(kind)
            declared = about.entries if about else {}
            for item in entries[kind].items if kind in entries else ():
                with self._telling.at(item, kind):
                    self._file(kind, item, declared)

    def _volume(self, item: YamlNode, who: str) -> None:
        value = item.plain()
        asked = _long(value) if isinstance(value, Mapping) else _short(text(value))
        target = absolute_path(asked.target)
        if target == "/":
            raise NotAccepted(f"{shown(asked.target)} would hide the whole image", "a path below /")
        source, options, add = asked.source, asked.kept_options, self._found.volumes.append
        if asked.kind == "tmpfs":
            told = [",".join(asked.options)] if asked.options else []
            self._found.tmpfs.append(":".join([target, *told]))
        elif not source:
            written = f"{who}:{target}"
            add(Mount(MountKind.VOLUME, volume_name(written), target, written, options))
        elif asked.kind == "volume":
            add(Mount(MountKind.VOLUME, name(source), target, source, options))
        elif source.startswith("~"):
            raise NotAccepted(f"{shown(source)} is no folder of a server", "a named volume")
        elif source.startswith("/"):
            add(_of_server(source, target, options))
        else:
            self._beside(asked, target, self._loaded.bases[item.file])

    def _beside(self, asked: _AskedMount, target: str, base: Path) -> None:
        """A file goes to the servers, and so does a folder that is only read. Another folder is a
        volume: it begins empty at another vendor, unless it is data."""
        path, told = base / asked.source, asked.source.rstrip("/")
        is_shipped = "ro" in asked.options or told in self._shipped
        if path.is_file() or (path.is_dir() and is_shipped):
            self._found.ship(shipping.of_path(path), target, told)
            return
        if is_shipped:
            raise NotAccepted(f"{asked.source} is not there", "a file or folder beside this file")
        called = volume_name(told)
        self._found.volumes.append(
            Mount(MountKind.VOLUME, called, target, told, asked.kept_options)
        )

    def _file(self, kind: str, item: YamlNode, declared: Mapping[str, YamlNode]) -> None:
        """One entry under `secrets` or `configs`."""
        value = item.plain()
        entry = value if isinstance(value, Mapping) else {"source": text(value)}
        source, mode = text(entry["source"]), _mode(entry.get("mode"))
        if source not in declared:
            raise NotAccepted(f"{shown(source)} is not declared", f"{source}: under {kind}")
        target = text(entry.get("target", source))
        lead = "/run/secrets/" if kind == "secrets" else "/"
        target = absolute_path(target if target.startswith("/") else f"{lead}{target}")
        if kind == "secrets" and source in self._loaded.secrets:
            self._found.ship(shipping.of_text(mark(source), source, mode), target, source)
            return
        self._found.ship(self._shipment(source, declared[source], mode), target, source)

    def _shipment(self, source: str, node: YamlNode, mode: int | None) -> Shipment:
        about = node.plain() or {}
        if "file" in about:
            path = self._loaded.bases[node.file] / text(about["file"])
            return shipping.of_path(path, mode)
        if "content" in about:
            return shipping.of_text(text(about["content"], rows=True), source, mode)
        asked = text(about.get("environment", ""))
        if not asked:
            raise NotAccepted(f"{source} does not say what it holds", f"file: in {source}")
        if asked not in self._loaded.variables:
            valid = f"{asked}=… in .env beside the Compose file"
            raise NotAccepted(f"{asked} is set nowhere", valid)
        content = self._loaded.variables[asked]
        if placeholders.names_in(content):
            raise NotAccepted(f"{asked}: {placeholders.ONLY}", placeholders.INSTEAD)
        return shipping.of_text(content, source, mode)


def _mode(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return value if isinstance(value, int) else int(text(value), 8)
    except ValueError as error:
        raise NotAccepted(f"{shown(value)} is no mode", '"0440", say') from error


def _short(written: str) -> _AskedMount:
    parts = written.split(":")
    if len(parts) == 1:
        return _AskedMount("volume", "", parts[0])
    source, target, *rest = parts
    if len(rest) > 1:
        raise NotAccepted(f"{shown(written)} has more than three parts", "SOURCE:/path[:ro]")
    options = tuple(one for one in rest[0].split(",") if one) if rest else ()
    unknown = [one for one in options if one not in _IGNORED | _TAKEN]
    if unknown:
        raise NotAccepted(f"{shown(unknown[0])} is no option of a mount here", "ro, rw, nocopy")
    return _AskedMount(
        "bind" if source[:1] in ("/", ".", "~") else "volume", source, target, options
    )


def _long(value: Mapping[str, Any]) -> _AskedMount:
    kind = text(value.get("type", ""))
    if kind not in ("volume", "bind", "tmpfs"):
        raise NotAccepted(f"a mount of type {shown(kind)} is not made here", "volume, bind, tmpfs")
    if "target" not in value:
        raise NotAccepted("a mount has no target", "target: a path in the container")
    source, options = text(value.get("source", "")), []
    if is_true(value.get("read_only", False)):
        options.append("ro")
    if kind == "tmpfs":
        about = value.get("tmpfs") or {}
        options += [f"size={text(about['size'])}"] if "size" in about else []
        options += [f"mode={_mode(about['mode']):o}"] if "mode" in about else []
    elif is_true((value.get("volume") or {}).get("nocopy", False)):
        options.append("nocopy")
    if kind == "bind" and not source:
        raise NotAccepted("a mount of type bind has no source", "source: a file or folder")
    if kind == "bind" and source[:1] not in ("/", ".", "~"):
        source = f"./{source}"
    return _AskedMount(kind, source, text(value["target"]), tuple(options))


def _of_server(source: str, target: str, options: tuple[str, ...]) -> Mount:
    if _SOCKETS.fullmatch(source):
        raise NotAccepted(
            f"{shown(source)}: whoever has it has the server, with the keys of the vault",
            "leave the service out: Caddy and certificates are liferaft's here",
        )
    path = posixpath.normpath(source)
    if path == "/":
        raise NotAccepted("the whole server would be in the container", "a folder of its own")
    return Mount(MountKind.SERVER, path, target, source, options)
