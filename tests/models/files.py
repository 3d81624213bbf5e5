"""The files of a modelled host, in memory."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Kept:
    """A file, or with `content` None a folder. `at`: when it was written, by the host's clock."""

    content: bytes | None
    mode: int
    owner: str = "root:root"
    at: float = 0.0


@dataclass
class Files:
    """By absolute path. A file is there only in a folder that is there, as on a disk. What lies at
    a path is replaced and never changed, so that a copy of all costs little."""

    there: dict[str, Kept] = field(default_factory=lambda: {"/": Kept(None, 0o755)})

    def copy(self) -> "Files":
        return Files(dict(self.there))

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError, IsADirectoryError."""
        found = self.there.get(path)
        if found is None:
            raise FileNotFoundError(f"{path}: No such file or directory")
        if found.content is None:
            raise IsADirectoryError(f"{path}: Is a directory")
        return found.content

    def write(self, path: str, content: bytes, at: float, mode: int = 0o644) -> None:
        """A file that is there keeps owner and mode. Raises FileNotFoundError without a folder."""
        if not self.is_folder(posixpath.dirname(path)):
            raise FileNotFoundError(f"{path}: No such file or directory")
        if self.is_folder(path):
            raise IsADirectoryError(f"{path}: Is a directory")
        before = self.there.get(path) or Kept(None, mode)
        self.there[path] = replace(before, content=content, at=at)

    def give(self, path: str, *, mode: int | None = None, owner: str | None = None) -> None:
        """Another mode, another owner. Raises KeyError."""
        there = self.there[path]
        mode = there.mode if mode is None else mode
        self.there[path] = replace(there, mode=mode, owner=owner or there.owner)

    def make_folder(self, path: str, mode: int = 0o755) -> None:
        """And those above it."""
        parent = posixpath.dirname(path)
        if parent != path and not self.is_folder(parent):
            self.make_folder(parent)
        if not self.is_folder(path):
            self.there[path] = Kept(None, mode)

    def is_folder(self, path: str) -> bool:
        found = self.there.get(path)
        return found is not None and found.content is None

    def is_file(self, path: str) -> bool:
        found = self.there.get(path)
        return found is not None and found.content is not None

    def below(self, folder: str) -> Iterator[str]:
        """Paths below a folder, sorted, without itself."""
        start = folder.rstrip("/") + "/"
        return iter(sorted(path for path in self.there if path.startswith(start) and path != "/"))

    def move(self, source: str, target: str) -> None:
        """A file over a file; a folder to where nothing is."""
        if source not in self.there:
            raise FileNotFoundError(f"{source}: No such file or directory")
        for path in [source, *self.below(source)]:
            self.there[target + path.removeprefix(source)] = self.there.pop(path)

    def remove(self, path: str) -> None:
        for below in [*self.below(path), path]:
            self.there.pop(below, None)

    def matching(self, pattern: str) -> list[str]:
        """As a shell expands it: a star crosses no slash."""
        deep = pattern.count("/")
        return sorted(
            path
            for path in self.there
            if path.count("/") == deep and path != "/" and fnmatchcase(path, pattern)
        )
