"""One Compose file over another, and a service over the one that it extends, by the specification.

Maps are merged key by key, lists are appended, and what says the same thing again (a variable, a
mount of the same place, a port) takes the place of the former. `!reset` takes a value away,
`!override` puts one in place of all of the former.
"""

from collections.abc import Callable, Mapping
from typing import Final

from liferaft.compose.node import YamlNode, text

Path = tuple[str, ...]
_REPLACED: Final = frozenset({("command",), ("entrypoint",), ("healthcheck", "test")})
_PAIRS: Final = frozenset({
    ("environment",),
    ("labels",),
    ("annotations",),
    ("sysctls",),
    ("build", "args"),
    ("build", "labels"),
    ("deploy", "labels"),
    ("extra_hosts",),
    ("build", "extra_hosts"),
})  # fmt: skip
_NAMES: Final = frozenset({("depends_on",), ("networks",), ("models",)})
_LISTS: Final = frozenset({
    ("dns",), ("dns_search",), ("env_file",), ("tmpfs",), ("label_file",), ("profiles",)
})  # fmt: skip


def merge(former: YamlNode, later: YamlNode) -> YamlNode:
    """A whole file over another."""
    return _merged(former, later, ())


def merge_services(former: YamlNode, later: YamlNode) -> YamlNode:
    """A service over the one that it extends."""
    return _merged(former, later, ("services", "*"))


def settled(node: YamlNode) -> YamlNode:
    """What a file says by itself: `!reset` takes away there as well."""
    if isinstance(node.value, Mapping):
        kept = {key: settled(one) for key, one in node.value.items() if one.act != "reset"}
        return YamlNode(kept, node.file, node.line)
    if isinstance(node.value, tuple):
        kept_items = tuple(settled(one) for one in node.value if one.act != "reset")
        return YamlNode(kept_items, node.file, node.line)
    return YamlNode(node.value, node.file, node.line)


def _merged(former: YamlNode, later: YamlNode, path: Path) -> YamlNode:
    inside = path[2:] if path[:1] == ("services",) else None
    if later.act == "override" or (later.value is None and later.act != "reset"):
        return former if later.value is None and later.act != "override" else settled(later)
    if inside is not None and inside in _REPLACED:
        return settled(later)
    if inside == ("logging",) and not _has_one_driver(former, later):
        return settled(later)
    if inside is not None and inside:
        former, later = _alike(former, later, inside)
    if isinstance(former.value, Mapping) and isinstance(later.value, Mapping):
        return _maps(former, later, path)
    if isinstance(former.value, tuple) and isinstance(later.value, tuple):
        items = (*former.value, *map(settled, later.value))
        return YamlNode(_once(items, inside or ()), later.file, later.line)
    return settled(later)


def _maps(former: YamlNode, later: YamlNode, path: Path) -> YamlNode:
    merged = dict(former.entries)
    for key, value in later.entries.items():
        if value.act == "reset":
            merged.pop(key, None)
            continue
        # Services, networks… are called by any name.
        step = "*" if len(path) == 1 else key
        known = merged.get(key)
        merged[key] = _merged(known, value, (*path, step)) if known else settled(value)
    return YamlNode(merged, former.file, former.line)


def _alike(former: YamlNode, later: YamlNode, inside: Path) -> tuple[YamlNode, YamlNode]:
    """Both in the form in which they can be merged."""
    form: Callable[[YamlNode], YamlNode] | None = None
    if inside in _PAIRS:
        form = pairs
    elif inside in _NAMES:
        form = _named
    elif inside in _LISTS:
        form = _listed
    return (form(former), form(later)) if form else (former, later)


def pairs(node: YamlNode) -> YamlNode:
    """`NAME=value` in a list as a map; a name alone stands for no value."""
    if not isinstance(node.value, tuple):
        return node
    found: dict[str, YamlNode] = {}
    for item in node.value:
        written = text(item.value) if not isinstance(item.value, Mapping | tuple) else ""
        name, sign, value = written.partition("=")
        if not sign and ":" in written:  # of a host: name:address
            name, sign, value = written.partition(":")
        found[name] = YamlNode(value if sign else None, item.file, item.line, item.act)
    return YamlNode(found, node.file, node.line, node.act)


def _named(node: YamlNode) -> YamlNode:
    if not isinstance(node.value, tuple):
        return node
    found = {
        text(item.value): YamlNode(None, item.file, item.line, item.act)
        for item in node.value
        if not isinstance(item.value, Mapping | tuple)
    }
    return YamlNode(found, node.file, node.line, node.act)


def _listed(node: YamlNode) -> YamlNode:
    if isinstance(node.value, tuple):
        return node
    return YamlNode((YamlNode(node.value, node.file, node.line),), node.file, node.line, node.act)


def _has_one_driver(former: YamlNode, later: YamlNode) -> bool:
    drivers = [one.entries.get("driver") for one in (former, later)]
    return None in drivers or drivers[0] == drivers[1]


def _once(items: tuple[YamlNode, ...], inside: Path) -> tuple[YamlNode, ...]:
    """Without those whose place a later one takes."""
    kept: dict[str, YamlNode] = {}
    for number, item in enumerate(items):
        kept[_identity(item, inside, number)] = item
    return tuple(kept.values())


def _identity(item: YamlNode, inside: Path, number: int) -> str:
    """Two with the same identity are one thing, said twice."""
    entries = item.entries
    written = "" if isinstance(item.value, Mapping | tuple) else text(item.value)
    match inside:
        case ("volumes",) | ("devices",):
            parts = written.split(":")
            target = parts[1] if len(parts) > 1 else written
            return _word(entries, "target") or target
        case ("secrets",) | ("configs",):
            return _word(entries, "target") or _word(entries, "source") or written
        case ("ports",) if entries:
            names = ("host_ip", "published", "target", "protocol")
            return ":".join(_word(entries, name) for name in names)
        case ("env_file",):
            return _word(entries, "path") or written
    return written or f"{number}"


def _word(entries: Mapping[str, YamlNode], key: str) -> str:
    node = entries.get(key)
    return text(node.value) if node and not isinstance(node.value, Mapping | tuple) else ""
