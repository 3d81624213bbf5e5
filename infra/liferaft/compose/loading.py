"""Reads the files of an application and everything that they name of each other: `.env`, overrides,
`include`, `extends`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from liferaft import texts
from liferaft.compose import merging, node, placeholders, variables
from liferaft.compose.findings import ComposeFinding
from liferaft.compose.interpolation import NotFilled, fill
from liferaft.compose.node import NotRead, YamlNode
from liferaft.compose.secret_marks import mark, names_in
from liferaft.config.problems import Problem

DOT_ENV: Final = ".env"
_DEEPEST: Final = 10
_COLLECTED: Final = ("services", "networks", "volumes", "secrets", "configs", "models", "jobs")


@dataclass
class Loaded:
    """What was read.

    Attributes:
        variables: of `.env` beside the first file. Nothing of the operator's own environment is
            among them: what runs must not depend on the laptop that a command is given on.
        secrets: names of the application's secrets: a mark stands for each among the variables.
        bases: by file: the folder in which its paths begin.
        sources: every file that was read.
    """

    root: YamlNode
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: frozenset[str] = frozenset()
    bases: dict[Path, Path] = field(default_factory=dict)
    sources: list[Path] = field(default_factory=list)
    findings: list[ComposeFinding] = field(default_factory=list)


def load(files: Sequence[Path], text: str | None = None, secrets: Collection[str] = ()) -> Loaded:
    """The files, each over those before it. text: what is in the first, if it was read already.
    secrets: names for which a mark stands, whatever `.env` says.
    What cannot be read is among the findings. Blocks."""
    loader = _Loader()
    folder = files[0].parent
    marks = {name: mark(name) for name in secrets}
    own = variables.ReadWhenAsked(lambda: loader.told(folder / DOT_ENV, marks, required=False))
    told = variables.Nested(marks, own)
    root = loader.project(files, folder, told, text)
    return Loaded(root, told, frozenset(secrets), loader.bases, loader.sources, loader.findings)


class _Loader:
    def __init__(self) -> None:
        self.bases: dict[Path, Path] = {}
        self.sources: list[Path] = []
        self.findings: list[ComposeFinding] = []

    def project(
        self,
        files: Sequence[Path],
        folder: Path,
        told: Mapping[str, str],
        text: str | None = None,
        depth: int = 0,
    ) -> YamlNode:
        """Files over each other, with what each includes."""
        merged = YamlNode({}, files[0], 1)
        for file in files:
            one = self._file(file, folder, told, text)
            text = None
            one = self._extended(one, file, told)
            included = self._included(one, folder, told, depth)
            merged = merging.merge(merged, one)
            for each in included:
                merged = self._joined(merged, each)
        return merged

    def told(self, path: Path, outer: Mapping[str, str], *, required: bool) -> dict[str, str]:
        """The variables of a file."""
        text = self._text(path, required=required)
        if text is None:
            return dict(outer)
        try:
            found = variables.read(text, outer)
        except variables.NoVariables as error:
            self._find(path, error.line, "", str(error), error.valid)
            return dict(outer)
        return {one.name: one.value for one in found if one.value is not None} | dict(outer)

    def _file(
        self, path: Path, folder: Path, told: Mapping[str, str], text: str | None
    ) -> YamlNode:
        self.bases[path] = folder
        if text is None:
            text = self._text(path, required=True)
        elif path not in self.sources:
            self.sources.append(path)
        if text is None:
            return YamlNode({}, path, 1)
        try:
            root = node.read(text, path)
        except NotRead as error:
            self.findings.append(error.finding)
            return YamlNode({}, path, 1)
        if not isinstance(root.value, Mapping):
            self.findings.append(root.found("", "is not a map", "keys with values"))
            return YamlNode({}, path, 1)
        return self._filled(root, told, "")

    def _text(self, path: Path, *, required: bool) -> str | None:
        try:
            found = texts.read_text(path)
        except texts.Unreadable as error:
            if required or not isinstance(error.__cause__, FileNotFoundError):
                self._find(path, 1, "", f"cannot be read: {error}", "a file that is there")
            return None
        if path not in self.sources:
            self.sources.append(path)
        return found

    def _filled(self, one: YamlNode, told: Mapping[str, str], place: str) -> YamlNode:
        """With its variables filled in. What cannot be is a finding, and stays as it is written."""
        if isinstance(one.value, Mapping):
            lead = f"{place}." if place else ""
            inside = {k: self._filled(v, told, f"{lead}{k}") for k, v in one.value.items()}
            return YamlNode(inside, one.file, one.line, one.act)
        if isinstance(one.value, tuple):
            items = tuple(self._filled(v, told, f"{place}.{n}") for n, v in enumerate(one.value))
            return YamlNode(items, one.file, one.line, one.act)
        if not isinstance(one.value, str) or "$" not in one.value:
            return one
        try:
            filled = fill(one.value, told)
        except NotFilled as error:
            return self._unfilled(one, one.found(place, str(error), error.valid))
        wrong = _misplaced(one, filled, place)
        return self._unfilled(one, wrong) if wrong else replace(one, value=filled)

    def _unfilled(self, one: YamlNode, why: ComposeFinding) -> YamlNode:
        self.findings.append(why)
        return YamlNode(str(one.value).replace("$", ""), one.file, one.line, one.act)

    def _included(
        self, root: YamlNode, folder: Path, told: Mapping[str, str], depth: int
    ) -> list[YamlNode]:
        found = []
        for number, entry in enumerate(root.entries.get("include", _NOTHING).items):
            if depth >= _DEEPEST:
                self.findings.append(
                    entry.found("include", f"files include each other {_DEEPEST} deep", "fewer")
                )
                break
            about = entry.plain()
            asked = about if isinstance(about, Mapping) else {"path": about}
            paths = [folder / each for each in _listed(asked.get("path")) if isinstance(each, str)]
            if not paths:
                continue
            if any("://" in str(path) or not path.is_file() for path in paths):
                reason = "names a file that is not there"
                self.findings.append(entry.found(f"include.{number}", reason, "a file beside it"))
                continue
            inside = folder / asked.get("project_directory", paths[0].parent)
            own: dict[str, str] = {}
            for name in _listed(asked.get("env_file")) or [DOT_ENV]:
                required = "env_file" in asked
                base = folder if required else inside
                own |= self.told(base / str(name), own, required=required)
            found.append(self.project(paths, inside, {**own, **told}, depth=depth + 1))
        return found

    def _joined(self, merged: YamlNode, included: YamlNode) -> YamlNode:
        """Both; what is in both, and is not the same, is nobody's to choose."""
        entries = dict(merged.entries)
        for part in _COLLECTED:
            more = included.entries.get(part)
            if more is None:
                continue
            known = dict(entries[part].entries) if part in entries else {}
            for name, value in more.entries.items():
                if name in known and known[name].plain() != value.plain():
                    reason = f"{name!r} is in an included file as well, and says something else"
                    self.findings.append(known[name].found(f"{part}.{name}", reason, "one of them"))
                known.setdefault(name, value)
            entries[part] = YamlNode(known, more.file, more.line)
        return YamlNode(entries, merged.file, merged.line)

    def _extended(self, root: YamlNode, file: Path, told: Mapping[str, str]) -> YamlNode:
        services = root.entries.get("services", _NOTHING)
        if not any("extends" in each.entries for each in services.entries.values()):
            return root
        made = {name: self._service(name, services, file, told) for name in services.entries}
        entries = {**root.entries, "services": YamlNode(made, services.file, services.line)}
        return YamlNode(entries, root.file, root.line)

    def _service(
        self,
        name: str,
        services: YamlNode,
        file: Path,
        told: Mapping[str, str],
        way: tuple[tuple[Path, str], ...] = (),
    ) -> YamlNode:
        """A service with what it extends."""
        one = services.entries[name]
        extends = one.entries.get("extends")
        if extends is None:
            return one
        place = f"services.{name}.extends"
        about = extends.plain()
        asked = about if isinstance(about, Mapping) else {"service": about}
        other, other_file = str(asked.get("service", "")), file
        if (file, name) in way or len(way) >= _DEEPEST:
            self.findings.append(extends.found(place, "extends itself", "no circle"))
            return _without(one, "extends")
        inside = services
        if asked.get("file"):
            other_file = self.bases[file] / str(asked["file"])
            inside = self._file(other_file, other_file.parent, told, None).entries.get(
                "services", _NOTHING
            )
        if other not in inside.entries:
            valid = ", ".join(inside.entries) or "a service"
            reason = f"{other_file.name} has no service {other!r}"
            self.findings.append(extends.found(place, reason, valid))
            return _without(one, "extends")
        base = self._service(other, inside, other_file, told, (*way, (file, name)))
        return merging.merge_services(_without(base, "extends"), _without(one, "extends"))

    def _find(self, path: Path, line: int, key: str, reason: str, valid: str) -> None:
        self.findings.append(ComposeFinding(path, Problem(line, key, reason, valid)))


def _misplaced(one: YamlNode, filled: str, place: str) -> ComposeFinding | None:
    """What stands there and may not: placeholders, or marks of secrets."""
    if placeholders.names_in(filled) and not placeholders.may_stand(place):
        return one.found(place, placeholders.ONLY, placeholders.INSTEAD)
    secrets = names_in(filled)
    if secrets and not _is_told_in_secret(place):
        reason = f"{secrets[0]} is a secret, and would be seen here by whoever is on a server"
        return one.found(place, reason, _IN_SECRET)
    return None


def _is_told_in_secret(place: str) -> bool:
    """Whether what stands there reaches containers in files alone, or nobody at all."""
    kind, _, below = place.partition(".")
    key = below.partition(".")[2].partition(".")[0]
    if kind == "services":
        return key in ("environment", "build", "develop") or key.startswith("x-")
    return kind.startswith("x-") or (kind == "configs" and key == "content")


_IN_SECRET: Final = "environment, or a Compose secret of that name"  # noqa: S105  # no value
_NOTHING: Final = YamlNode({}, Path(), 1)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _without(one: YamlNode, key: str) -> YamlNode:
    kept = {name: each for name, each in one.entries.items() if name != key}
    return YamlNode(kept, one.file, one.line, one.act)
