"""The application's Compose file: read strictly, cut to what one server runs, written again.

Only the subset in `compose_keys` is accepted. What reaches a server is written by `render`, so
podman-compose reads exactly what was checked here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from liferaft import texts
from liferaft.config.problems import ConfigInvalid, Problem
from liferaft.config.shallow import ShallowLoader
from liferaft.failures import BadInput
from liferaft.hosts.compose_checks import Published, cycles, of_service
from liferaft.hosts.compose_keys import BY_NAME
from liferaft.hosts.compose_service import Service
from liferaft.hosts.compose_values import NotAccepted, shown
from liferaft.hosts.compose_values import name as service_name

_TOP_KEYS: Final = ("services", "volumes")


@dataclass(frozen=True)
class Compose:
    """A whole, accepted file."""

    services: Mapping[str, Service] = field(default_factory=dict)

    @property
    def images(self) -> frozenset[str]:
        """Everything that must be loaded before a start."""
        return frozenset(service.image for service in self.services.values())

    @property
    def stop_seconds(self) -> int:
        """How long the slowest service may take to stop."""
        return max((service.stop_grace_period for service in self.services.values()), default=0)


_RESOLVED: Final = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")
_TEXT: Final = "tag:yaml.org,2002:str"


class _AsWritten(ShallowLoader):
    """Leaves numbers and dates as they are written: `22:22` is two ports, not the number 1342.

    So are keys: a variable may be called `NO` or `ON`.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if key.tag in _RESOLVED:
                key.tag = _TEXT
        return super().construct_mapping(node, deep)


_AsWritten.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _RESOLVED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Compose:
    """The file at `path`, checked.

    Raises ConfigInvalid with every problem at once, BadInput if the file cannot be read.
    """
    try:
        text = texts.read_text(path)
    except texts.Unreadable as error:
        raise BadInput(
            f"The Compose file {path} cannot be read: {error}",
            safe="Nothing was done.",
            do="Put it there, or correct app.compose.",
        ) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Compose:
    """The Compose file `text`; `path` is only for messages."""
    problems: list[Problem] = []
    try:
        loader = _AsWritten(text)
        services = dict(_services(loader.get_single_node(), loader, problems))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        broken = Problem(line, "", f"is no YAML: {error.problem or error.context}", "")
        raise ConfigInvalid(path, [broken]) from error
    except (yaml.YAMLError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        reason = "is nested too deeply" if deep else f"is no YAML: {error}"
        raise ConfigInvalid(path, [Problem(1, "", reason, "")]) from error
    if problems:
        raise ConfigInvalid(path, problems)
    return Compose(services)


def only(compose: Compose, runs: Collection[str]) -> Compose:
    """The part that a server runs. Names that are no services (`postgres`) are left out."""
    return Compose({name: each for name, each in compose.services.items() if name in runs})


def faces_users(service: Service) -> bool:
    """Whether Caddy looks for the application there."""
    return any(Published.of(port).is_the_apps for port in service.ports)


def on_trial(compose: Compose, run: Collection[str], instead: Mapping[str, str]) -> Compose:
    """What runs in a drill: what faces users and what that depends on, and what is asked for in
    `run`. `instead`: values that take the place of what services are told under these names."""
    wanted, more = set[str](), {*run}
    more |= {name for name, each in compose.services.items() if faces_users(each)}
    while more:
        wanted |= more
        needed = {need for name in more for need in compose.services[name].depends_on}
        more = needed - wanted
    return only(
        Compose({name: _told(each, instead) for name, each in compose.services.items()}), wanted
    )


def _told(service: Service, instead: Mapping[str, str]) -> Service:
    """`$` is written as Compose wants it."""
    return replace(
        service,
        environment=tuple(
            (name, instead[name].replace("$", "$$") if name in instead else value)
            for name, value in service.environment
        ),
    )


def render(compose: Compose) -> str:
    """The file for podman-compose on the server: canonical, the same for the same input."""
    volumes = {name for each in compose.services.values() for name in each.named_volumes}
    document: dict[str, Any] = {
        "services": {
            name: _written(each, compose.services) for name, each in compose.services.items()
        },
        # podman-compose makes one from 1.1 on that nobody asked for, and leaves it behind.
        "x-podman": {"in_pod": False},
    }
    if volumes:
        document["volumes"] = {name: {} for name in sorted(volumes)}
    return yaml.safe_dump(document, sort_keys=False)


def environment_file(service: str) -> str:
    """What the file with the `environment` of a service is called, beside the Compose file."""
    return f"environment.{service}"


def _written(service: Service, here: Collection[str]) -> dict[str, Any]:
    """`restart` is ours: podman brings a crashed container back, the unit brings back a server.

    Variables lie in files of which podman-compose is not told (`hosts.podman`): what it reads it
    gives to podman as arguments, which processes of the server and its journal show.
    """
    written: dict[str, Any] = {}
    for key in fields(service):
        value = getattr(service, key.name)
        if value is not None and value not in ((), False):
            written[key.name] = list(value) if isinstance(value, tuple) else value
    for told in ("environment", "env_file"):
        written.pop(told, None)
    after = [name for name in service.depends_on if name in here]
    written.pop("depends_on", None)
    if after:
        written["depends_on"] = after
    return written | {
        "stop_grace_period": f"{service.stop_grace_period}s",
        "restart": "always",
    }


def _services(
    root: yaml.Node | None, loader: yaml.SafeLoader, problems: list[Problem]
) -> Iterator[tuple[str, Service]]:
    top = dict(_pairs(root, "", problems))
    for name, (line, _) in top.items():
        if name not in _TOP_KEYS:
            problems.append(Problem(line, name, "unknown key", ", ".join(_TOP_KEYS)))
    line, services = top.get("services", (1, None))
    found = dict(_pairs(services, "services", problems, line))
    if not found and not problems:
        problems.append(Problem(line, "services", "missing", "at least one service"))
    volumes = {name for name, _ in _declared_volumes(top, problems)}
    accepted: dict[str, Service] = {}
    for name, (line, node) in found.items():
        place = f"services.{shown(name)[1:-1]}"
        service = _service(place, line, node, loader, problems)
        if service:
            problems.extend(_named(place, line, name))
            problems.extend(_dangling(name, line, service, found, volumes))
            problems.extend(of_service(place, line, service))
            accepted[name] = service
    problems.extend(cycles(accepted, {name: line for name, (line, _) in found.items()}))
    yield from accepted.items()


def _named(place: str, line: int, name: str) -> Iterator[Problem]:
    """A service's name is a part of its container's."""
    try:
        service_name(name)
    except NotAccepted as error:
        valid = "letters, digits, dots, hyphens, underscores; at most 63"
        yield Problem(line, place, str(error), valid)


def _service(
    place: str, line: int, node: yaml.Node, loader: yaml.SafeLoader, problems: list[Problem]
) -> Service | None:
    """What could be read of it, so that the rest is checked as well; None of what is no map."""
    values: dict[str, Any] = {}
    pairs = dict(_pairs(node, place, problems, line))
    if not isinstance(node, yaml.MappingNode):
        return None
    for name, (at, value) in pairs.items():
        key = BY_NAME.get(name)
        if key is None:
            problems.append(Problem(at, f"{place}.{name}", "unknown key", ", ".join(BY_NAME)))
            continue
        try:
            values[name] = key.read(_plain(value, loader))
        except NotAccepted as error:
            problems.append(Problem(at, f"{place}.{name}", str(error), key.valid))
    if "image" not in pairs:
        problems.append(Problem(line, f"{place}.image", "missing", BY_NAME["image"].valid))
    return Service(**{"image": "", **values})


def _plain(node: yaml.Node, loader: yaml.SafeLoader) -> Any:
    """What a node says. Raises NotAccepted for a key twice, and for a tag that it does not fit."""
    if isinstance(node, yaml.MappingNode):
        names = [str(key.value) for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise NotAccepted(f"{', '.join(map(shown, twice))} is there twice")
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise NotAccepted(f"does not fit its tag {shown(node.tag)}") from error


def _dangling(
    name: str, line: int, service: Service, services: Collection[str], volumes: Collection[str]
) -> Iterator[Problem]:
    for other in service.depends_on:
        if other not in services or other == name:
            reason = f"{other!r} is not another service"
            yield Problem(line, f"services.{name}.depends_on", reason, ", ".join(services))
    for volume in sorted(service.named_volumes.difference(volumes)):
        reason = f"{volume!r} is not declared"
        yield Problem(line, f"services.{name}.volumes", reason, f"{volume}: under volumes")


def _declared_volumes(
    top: Mapping[str, tuple[int, yaml.Node]], problems: list[Problem]
) -> Iterator[tuple[str, int]]:
    line, node = top.get("volumes", (1, None))
    if node is None:
        return
    for name, (at, options) in _pairs(node, "volumes", problems, line):
        if getattr(options, "value", None) not in ("", [], "~", "null"):
            problems.append(Problem(at, f"volumes.{name}", "options are not accepted", "nothing"))
        yield name, at


def _pairs(
    node: yaml.Node | None, place: str, problems: list[Problem], line: int = 1
) -> Iterator[tuple[str, tuple[int, yaml.Node]]]:
    """Keys of a map with the line of each; a map that is none, or a key twice, is a problem."""
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(line, place, "is not a map", "keys with values"))
        return
    seen: set[str] = set()
    for key, value in node.value:
        at = key.start_mark.line + 1
        name = str(key.value)
        if name in seen:
            problems.append(Problem(at, f"{place}.{name}".lstrip("."), "is there twice", "once"))
            continue
        seen.add(name)
        yield name, (at, value)
