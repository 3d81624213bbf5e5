"""Gathers a blueprint from the operator's disk: what liferaft.toml names, and the program's folder.

A file that is no part of a description is left out and named: archives, what is hidden, links that
lead away, keys, and what is larger than any program.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from liferaft import texts
from liferaft.compose import application
from liferaft.config import Config
from liferaft.config.values import environment_name
from liferaft.failures import BadInput
from liferaft.recovery.blueprint import Blueprint

LARGEST_FILE: Final = 1024**2
LARGEST: Final = 8 * 1024**2
"""Bytes of all files together: it is read and written whole by each deploy and snapshot."""
MOST_FILES: Final = 2000
_MOST_LOOKED_AT: Final = 20_000
"""Names below the program's folder: a home or a whole monorepo is no program."""
AUTHORITIES: Final = "authorities"
"""The folder for certificates of authorities that lie elsewhere."""
_NOT_DESCRIBING: Final = frozenset({"__pycache__", "node_modules", "build", "dist"})
_KEYS: Final = (b"AGE-SECRET-KEY-", b"PRIVATE KEY-----")
_MOST_TOLD: Final = 20


class _Gathered:
    """Files so far, by their absolute paths."""

    def __init__(self) -> None:
        self.bodies: dict[Path, bytes] = {}
        self.left_out: list[str] = []
        self.size = 0

    def take(self, path: Path, *, has_to: bool) -> None:
        """has_to: the configuration names it. It is sealed for the operators, so that it may hold
        what they wrote into it; raises BadInput where it cannot be read."""
        if path in self.bodies:
            return
        try:
            body = texts.read_bytes(path, LARGEST_FILE)
            why = "" if has_to else self._flaw(body)
        except texts.Unreadable as error:
            why = str(error)
        if not why:
            self.bodies[path] = body
            self.size += len(body)
        elif has_to:
            raise BadInput(
                f"{path} cannot be kept with the application's blueprint: {why}",
                safe="No blueprint was written.",
                do="Correct the file, then run the same command again.",
            )
        else:
            self.left_out.append(f"{path} was left out: {why}.")

    def _flaw(self, body: bytes) -> str:
        if any(mark in body for mark in _KEYS):
            return "it holds a private key"
        if self.size + len(body) > LARGEST:
            return f"all files together would be larger than {LARGEST // 1024**2} MiB"
        return ""


def gather(config: Config, authorities: Iterable[tuple[str, Path]]) -> Blueprint:
    """The blueprint of a configuration that was read from a file. Blocks.

    authorities: what the configuration says of an authority (`env/NAME` or a path), and its file.
    Raises BadInput where a file that the configuration itself names cannot be kept.
    """
    if config.file is None:
        raise BadInput("The configuration was not read from a file")
    app, found = config.app, _Gathered()
    described = application.described(config).sources
    for path in filter(None, (config.file, *described, app.holding_page)):
        found.take(path, has_to=True)
    images = set(app.archives)
    for path in _program(app.project, _vaults(config), found.left_out):
        if len(found.bodies) == MOST_FILES:
            found.left_out.insert(0, _not_whole(app.project, MOST_FILES, path))
            break
        if path not in images:
            found.take(path, has_to=False)
    root = Path(os.path.commonpath([path.parent for path in found.bodies]))
    files = {path.relative_to(root).as_posix(): body for path, body in found.bodies.items()}
    variables: dict[str, str] = {}
    for reference, path in authorities:
        name = environment_name(reference)
        inside = path.resolve().is_relative_to(root) and name is None
        place = path.resolve().relative_to(root).as_posix() if inside else _place(name, path)
        files[place] = texts.read_bytes(path, texts.LARGEST_BUNDLE)
        if name is not None:
            variables[name] = place
        elif not inside:
            found.left_out.append(f"{path} lies here as {place}: put it back where it was.")
    told = tuple(found.left_out[:_MOST_TOLD])
    if len(found.left_out) > _MOST_TOLD:
        told += (f"{len(found.left_out) - _MOST_TOLD} more were left out.",)
    return Blueprint(files, config.file.relative_to(root).as_posix(), variables, told)


def _place(name: str | None, path: Path) -> str:
    return f"{AUTHORITIES}/{name}.pem" if name else f"{AUTHORITIES}/{path.name}"


def _vaults(config: Config) -> frozenset[Path]:
    """Those that are folders."""
    urls = (urlsplit(vault.url) for vault in config.vaults.values())
    return frozenset(Path(url.path).resolve() for url in urls if url.scheme == "file")


def _program(folder: Path, besides: Collection[Path], left_out: list[str]) -> Iterator[Path]:
    """Files below the program's folder that may describe something, always in one order."""
    looked_at = 0
    for here, folders, names in os.walk(folder):
        place = Path(here)
        looked_at += len(folders) + len(names)
        if looked_at > _MOST_LOOKED_AT:
            left_out.insert(0, _not_whole(folder, _MOST_LOOKED_AT, place))
            return
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _NOT_DESCRIBING
            and place / name not in besides
            and not (place / name / "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = place / name
            if name.startswith("."):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
                left_out.append(f"{path} was left out: it is a link that leads away.")
            else:
                yield path


def _not_whole(folder: Path, most: int, since: Path) -> str:
    return (
        f"THE PROGRAM IS NOT WHOLE: {folder} holds more than {most} files; from {since} on they "
        "were left out. Give it a folder of its own (app.project)."
    )
