"""rclone over the stores that a server reaches: a sealed remote, and a bare one.

Sealed names and contents are only told apart from open ones: that nobody can read them is rclone's.
"""

import configparser
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.models.call import Call
from tests.models.machine import program

_HEAD = b"sealed:"


@dataclass
class Remote:
    """Below one place of a store; `is_sealed`: through crypt."""

    store: dict[str, bytes]
    prefix: str
    is_sealed: bool

    def key(self, name: str) -> str:
        return (
            self.prefix + "/".join(part[::-1] for part in name.split("/"))
            if self.is_sealed
            else self.prefix + name
        )

    def names(self) -> Iterator[str]:
        for key in sorted(self.store):
            if key.startswith(self.prefix):
                name = key.removeprefix(self.prefix)
                yield "/".join(part[::-1] for part in name.split("/")) if self.is_sealed else name

    def read(self, name: str) -> bytes:
        """Raises OSError for what was not sealed as it lies there."""
        stored = self.store[self.key(name)]
        if self.is_sealed and not stored.startswith(_HEAD):
            raise OSError("failed to authenticate decrypted block - bad password?")
        return stored.removeprefix(_HEAD) if self.is_sealed else stored

    def size(self, name: str) -> int:
        """As a listing says it."""
        return len(self.store[self.key(name)].removeprefix(_HEAD))

    def write(self, name: str, content: bytes) -> None:
        self.store[self.key(name)] = _HEAD + content if self.is_sealed else content


@program("rclone", package="rclone")
async def rclone(call: Call) -> int:  # noqa: C901, PLR0911, PLR0912
    words = [word for word in call.arguments if not word.startswith("--")]
    options = [word for word in call.arguments if word.startswith("--")]
    config = configparser.ConfigParser()
    path = next(word.partition("=")[2] for word in options if word.startswith("--config="))
    config.read_string(call.machine.files.read(path).decode())
    remotes = _Remotes(call, config)
    files = call.machine.files
    match words:
        case ["hashsum", "sha256", place]:
            remote, name = remotes.at(place)
            return _sums(call, remote, name)
        case ["cryptdecode", place, name] if "--reverse" in options:
            remote, _ = remotes.at(place)
            call.say(f"{name}\t{remote.key(name).removeprefix(remote.prefix)}\n")
            return 0
        case ["lsjson", place]:
            only = next(w.partition("=/")[2] for w in options if w.startswith("--include="))
            remote, _ = remotes.at(place)
            found = [name for name in remote.names() if name == only]
            call.say(json.dumps([{"Size": remote.size(name)} for name in found]))
            return 0
        case ["copyto", source, target] if (own := remotes.of_host(target)) is not None:
            files.make_folder(own.rpartition("/")[0])
            files.write(own, _HEAD + files.read(source), call.machine.clock)
            return 0
        case ["copyto", source, target] if source.startswith("/"):
            remote, name = remotes.at(target)
            if call.machine.forgets(remote.store):
                compares = "--s3-no-head=false" in options
                return call.complain("object not found", 3) if compares else 0
            remote.write(name, files.read(source))
            return 0
        case ["copyto", source, target]:
            remote, name = remotes.at(source)
            if remote.key(name) not in remote.store:
                return call.complain("directory not found", 3)
            files.write(target, remote.read(name), call.machine.clock)
            return 0
        case ["copy", source, target] if source.startswith("/"):
            remote, _ = remotes.at(target)
            for one in [] if call.machine.forgets(remote.store) else _ours(call, source):
                remote.write(one.removeprefix(f"{source}/"), files.read(one))
            return 0
        case ["copy", source, target]:
            remote, _ = remotes.at(source)
            return _restored(call, remote, target)
        case ["check", source, target]:
            remote, _ = remotes.at(target)
            names = [one.removeprefix(f"{source}/") for one in _ours(call, source)]
            call.say("".join(f"{_compared(remote, n)} {n}\n" for n in names))
            return 0
        case ["size", place]:
            remote, _ = remotes.at(place)
            sizes = [remote.size(name) for name in remote.names()]
            call.say(json.dumps({"count": len(sizes), "bytes": sum(sizes)}))
            return 0
    return call.refuse()


def _restored(call: Call, remote: Remote, target: str) -> int:
    damage = ""
    for name in remote.names():
        try:
            content = remote.read(name)
        except OSError as broken:
            damage = str(broken)
            continue
        call.machine.files.make_folder(f"{target}/{name}".rpartition("/")[0])
        call.machine.files.write(f"{target}/{name}", content, call.machine.clock)
    return call.complain(damage) if damage else 0


def _compared(remote: Remote, name: str) -> str:
    if name not in remote.names():
        return "+"
    return "=" if remote.store[remote.key(name)].startswith(_HEAD) else "!"


def _ours(call: Call, folder: str) -> list[str]:
    files = call.machine.files
    return [
        path
        for path in files.below(folder)
        if files.is_file(path) and not path.startswith(f"{folder}/locks/")
    ]


def _sums(call: Call, remote: Remote, name: str) -> int:
    if remote.key(name) in remote.store:
        call.say(f"{_sum(remote, name)}  {name.rpartition('/')[2]}\n")
        return 0
    below = [one for one in remote.names() if one.startswith(f"{name}/") or not name]
    if not below:
        return call.complain("object not found", 3)
    call.say("".join(f"{_sum(remote, one)}  {one.removeprefix(f'{name}/')}\n" for one in below))
    return 0


def _sum(remote: Remote, name: str) -> str:
    return hashlib.sha256(remote.read(name)).hexdigest()


@dataclass
class _Remotes:
    call: Call
    config: configparser.ConfigParser

    def of_host(self, place: str) -> str | None:
        """The file that a path names which seals into a folder of the host; None for others."""
        name, _, rest = place.partition(":")
        if not self.config.has_section(name):
            return None
        section = self.config[name]
        below = section.get("remote", "")
        is_named = section.get("filename_encryption") == "off"
        return f"{below}/{rest}.bin" if below.startswith("/") and is_named else None

    def at(self, place: str) -> tuple[Remote, str]:
        """The remote that a path begins with, and the rest of the path."""
        name, _, rest = place.partition(":")
        section = self.config[name]
        if section["type"] == "crypt":
            inner, below = self.at(section["remote"])
            return Remote(inner.store, f"{below}/", is_sealed=True), rest
        bucket, _, key = rest.partition("/")
        if self.call.machine.hears_nothing_of(section["endpoint"]):
            raise OSError("dial tcp: connect: connection refused")
        return Remote(self.call.machine.outside[bucket], "", is_sealed=False), key
