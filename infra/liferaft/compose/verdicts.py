"""Every key of the Compose specification: run, done by liferaft, or refused with the reason.

`docs/compose.md` is this table; a test holds it to the official schema.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.schema import schema
from liferaft.compose.service_verdicts import SERVICE
from liferaft.compose.verdict import KeyFate, KeyVerdict, done, is_off, refused, run

_OUTSIDE: Final = "what is made outside the file is at no other vendor"
_DRIVER: Final = ("no such driver is on the servers", "leave it out")


def _is_usual(driver: Any) -> bool:
    return driver in (None, "", "local", "bridge", "default")


TOP: Final = (
    *run("", {
        "services": "what servers run, each what its group `runs` in liferaft.toml",
        "networks": "names of networks, see `services.*.networks`",
        "volumes": "kept on the server's disk; each is data or `ephemeral`",
        "secrets": "files in `/run/secrets`",
        "configs": "files",
        "include": "read as a part of this file, its paths from its own folder",
        "include.[].path": "one file, or several over each other",
        "include.[].env_file": "variables for that file",
        "include.[].project_directory": "where its paths begin",
        "secrets.*.file": "a file beside the Compose file, which goes to the servers",
        "secrets.*.environment": "a variable of `.env`",
        "configs.*.file": "a file beside the Compose file, which goes to the servers",
        "configs.*.content": "a text",
        "configs.*.environment": "a variable of `.env`",
    }),
    *done("", {
        "version": "obsolete; Compose reads it no more either",
        "name": "what runs on a server is always called `app` there",
        "networks.*.name": "one network for the services of a server, called by liferaft",
        "networks.*.driver_opts": "the network fits the server's devices by itself",
        "networks.*.ipam": "addresses are podman's to choose; those of before are no other site's",
        "networks.*.enable_ipv4": "networks are IPv4",
        "networks.*.attachable": "nothing else joins it",
        "networks.*.labels": "for tools on the operator's machine",
        "volumes.*.name": "called by its key on every server",
        "volumes.*.labels": "for tools on the operator's machine",
        "secrets.*.name": "called by its key",
        "secrets.*.labels": "for tools on the operator's machine",
        "configs.*.name": "called by its key",
        "configs.*.labels": "for tools on the operator's machine",
    }),
    *refused("", {
        "jobs": ("no server reads a schedule of this file: it runs at one site alone",
                 "a table [jobs.NAME] in liferaft.toml"),
        "models": ("no model is on the servers", "a service with an image of its own"),
    }),
    *refused("", {
        "networks.*.external": (_OUTSIDE, "leave it out: services of a server share a network"),
        "volumes.*.external": (_OUTSIDE, "a volume of this file, as data or ephemeral"),
        "secrets.*.external": (_OUTSIDE, "a table [secrets.NAME] in liferaft.toml, or a file"),
        "configs.*.external": (_OUTSIDE, "file: a file beside the Compose file"),
        "networks.*.internal": ("services of a server share one network, which reaches the outside",
                                "leave it out"),
        "networks.*.enable_ipv6": ("sites have IPv4 alone", "leave it out"),
        "volumes.*.driver_opts": ("a mount of elsewhere is not there at another vendor",
                                  "leave it out, and declare the volume as data or ephemeral"),
    }, is_off),
    *refused("", {
        "volumes.*.driver": _DRIVER,
        "networks.*.driver": _DRIVER,
    }, _is_usual),
    *refused("", {
        "secrets.*.driver": _DRIVER,
        "secrets.*.driver_opts": _DRIVER,
        "secrets.*.template_driver": _DRIVER,
        "configs.*.template_driver": _DRIVER,
    }),
)  # fmt: skip

VERDICTS: Final[Mapping[str, KeyVerdict]] = {one.path: one for one in (*TOP, *SERVICE)}


def of(path: str) -> KeyVerdict | None:
    """Its own, or that of the nearest above whose fate it shares; None for no key of the
    specification."""
    found = VERDICTS.get(path)
    while found is None and "." in path:
        path = path.rpartition(".")[0]
        above = VERDICTS.get(path)
        if above is not None:
            return above if above.whole else None
    return found


@cache
def keys() -> tuple[str, ...]:
    """Every key that the official schema knows, in its order."""
    return tuple(dict.fromkeys(_keys(schema(), "", ())))


@cache
def _below() -> Mapping[str, tuple[str, ...]]:
    """By place: the keys that there may be."""
    found: dict[str, dict[str, None]] = {}
    for path in keys():
        steps = path.split(".")
        for end, key in enumerate(steps):
            found.setdefault(".".join(steps[:end]), {})[key] = None
    return {above: tuple(names) for above, names in found.items()}


def objections(root: YamlNode) -> Iterator[ComposeFinding]:
    """Keys of a file that are refused, and those that the specification does not know."""
    yield from _objections(root, "", "")


def _objections(node: YamlNode, pattern: str, place: str) -> Iterator[ComposeFinding]:
    verdict = VERDICTS.get(pattern)
    if verdict is not None and verdict.fate is KeyFate.REFUSED:
        if not verdict.harmless(node.plain()):
            yield node.found(place, verdict.words, verdict.instead)
        return
    if verdict is not None and verdict.whole:
        return
    known = _below().get(pattern, ())
    for key, value in node.entries.items():
        inner = f"{place}.{key}".lstrip(".")
        if key in known or "*" in known:
            step = key if key in known else "*"
            yield from _objections(value, f"{pattern}.{step}".lstrip("."), inner)
        elif known and not key.startswith("x-"):
            close = get_close_matches(key, known, n=1)
            valid = f"did you mean {close[0]}?" if close else ", ".join(known)
            yield value.found(inner, "the Compose specification has no such key", valid)
    for number, item in enumerate(node.items):
        yield from _objections(item, f"{pattern}.[]", f"{place}.{number}")


def _keys(part: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Iterator[str]:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        if name in inside:  # a definition inside itself
            return
        inside, part = (*inside, name), schema()["$defs"][name]
    lead = f"{path}." if path else ""
    for key, value in part.get("properties", {}).items():
        yield lead + key
        yield from _keys(value, lead + key, inside)
    for way in ("allOf", "oneOf", "anyOf"):
        for each in part.get(way, ()):
            yield from _keys(each, path, inside)
    if isinstance(part.get("items"), Mapping):
        yield from _keys(part["items"], f"{lead}[]", inside)
    names = [value for key, value in part.get("patternProperties", {}).items() if key != "^x-"]
    for each in (*names, part.get("additionalProperties")):
        if isinstance(each, Mapping) and each:
            yield from _keys(each, f"{lead}*", inside)


def markdown_table() -> str:
    """The table of `docs/compose.md`."""
    rows = ["| key | fate | how, or why not |", "| --- | --- | --- |"]
    told = dict.fromkeys(of(path) for path in keys())
    return "\n".join((*rows, *(one.row for one in told if one is not None)))
