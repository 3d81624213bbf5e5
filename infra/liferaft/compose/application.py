"""The application's Compose file as liferaft runs it: read by the specification, one model.

What a server cannot honour is refused by name, and all that is wrong is told at once. Nothing else
of the product reads the file.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from liferaft import texts
from liferaft.compose import checks, ending, loading, placeholders, replaced, schema, verdicts
from liferaft.compose.findings import ComposeFinding, ComposeInvalid
from liferaft.compose.loading import Loaded
from liferaft.compose.node import YamlNode
from liferaft.compose.placeholders import WrittenPlaceholder
from liferaft.compose.reading import read_service
from liferaft.compose.replaced import ReplacedService
from liferaft.compose.service import Service
from liferaft.compose.shipping import ShippedFile
from liferaft.compose.volumes import WrittenVolume
from liferaft.config import Config
from liferaft.failures import BadInput

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Compose:
    """A whole, accepted file.

    Attributes:
        files: what goes to the servers with it, by name beside it there.
        sources: every file of the operator's that says what runs.
        volumes: where services keep something on a server's disk, with the lines.
        written: services as the file has them, with the lines.
        placeholders: what liferaft fills in of what services are told, with the lines.
        replaced: services whose place data sets take; they are none of `services`.
    """

    services: Mapping[str, Service] = field(default_factory=dict)
    files: Mapping[str, ShippedFile] = field(default_factory=dict)
    sources: tuple[Path, ...] = field(default=(), compare=False)
    volumes: tuple[WrittenVolume, ...] = field(default=(), compare=False)
    written: Mapping[str, YamlNode] = field(default_factory=dict, repr=False, compare=False)
    placeholders: tuple[WrittenPlaceholder, ...] = field(default=(), compare=False)
    replaced: Mapping[str, ReplacedService] = field(default_factory=dict)

    @property
    def images(self) -> frozenset[str]:
        """Everything that must be loaded before a start."""
        return frozenset(service.image for service in self.services.values())

    @property
    def stop_seconds(self) -> int:
        """How long the slowest service may take to stop."""
        return max((service.stop_grace_period for service in self.services.values()), default=0)


def described(config: Config) -> Compose:
    """The Compose files that liferaft.toml names. Raises as `read`. Blocks."""
    runs = {name for server in config.servers.values() for name in server.runs}
    return read(
        config.app.compose,
        config.app.overrides,
        config.volumes.files,
        runs,
        instead=config.replaced_services,
        secrets=config.secrets,
    )


def read(
    path: Path,
    overrides: Sequence[Path] = (),
    shipped: Collection[str] = (),
    runs: Collection[str] | None = None,
    *,
    instead: Mapping[str, str] = _NONE,
    secrets: Collection[str] = (),
) -> Compose:
    """The file at `path`, with what lies over it, checked. shipped: folders that go to the servers;
    runs: services that servers run, without it all of them. Of others nothing is asked. instead: by
    service, the data set that takes its place. secrets: names of the application's own, for which
    marks stand.

    Raises ComposeInvalid with every problem at once, BadInput if the file cannot be read. Blocks.
    """
    try:
        text = texts.read_text(path)
    except texts.Unreadable as error:
        raise BadInput(
            f"The Compose file {path} cannot be read: {error}",
            safe="Nothing was done.",
            do="Put it there, or correct app.compose.",
        ) from error
    return parse(text, path, overrides, shipped, runs, instead=instead, secrets=secrets)


def parse(
    text: str,
    path: Path,
    overrides: Sequence[Path] = (),
    shipped: Collection[str] = (),
    runs: Collection[str] | None = None,
    *,
    instead: Mapping[str, str] = _NONE,
    secrets: Collection[str] = (),
) -> Compose:
    """The Compose file `text`, which lies at `path`; as `read`."""
    loaded = loading.load((path, *overrides), text, secrets)
    kept = {f"secrets.{name}.external" for name in secrets}  # the vaults have its value
    findings = [one for one in verdicts.objections(loaded.root) if one.problem.key not in kept]
    compose = _services(loaded, shipped, instead, findings)
    findings += loaded.findings
    findings += _complaints(loaded, findings)
    if runs is not None:
        findings += ending.nowhere(_part(loaded.root, "services"), runs)
        others = [name for name in compose.services if name not in runs]
        findings = [one for one in findings if not any(_is_of(name, one) for name in others)]
    findings = [one for one in findings if replaced.is_asked(one, instead)]
    findings += replaced.absent(loaded.root, instead)
    if not findings and not compose.services:
        findings.append(loaded.root.found("services", "missing", "at least one service"))
    if findings:
        raise ComposeInvalid(path, findings)
    return compose


def _complaints(loaded: Loaded, known: Sequence[ComposeFinding]) -> Iterator[ComposeFinding]:
    """Those of the schema about keys of which nothing was said yet."""
    for one in schema.complaints(loaded.root):
        if not any(_is_about(one, other) for other in known):
            yield one


def _is_about(one: ComposeFinding, other: ComposeFinding) -> bool:
    """Whether one key is the other, or a part of it."""
    keys = [f"{each.problem.key}." for each in (one, other)]
    is_inside = keys[0].startswith(keys[1]) or keys[1].startswith(keys[0])
    return (one.file, one.problem.line) == (other.file, other.problem.line) and is_inside


def _services(
    loaded: Loaded,
    shipped: Collection[str],
    instead: Mapping[str, str],
    findings: list[ComposeFinding],
) -> Compose:
    """Adds what is wrong with services to the findings."""
    nodes, declared = _part(loaded.root, "services"), _part(loaded.root, "volumes")
    read = {name: read_service(name, node, loaded, shipped) for name, node in nodes.items()}
    accepted: dict[str, Service] = {}
    volumes: list[WrittenVolume] = []
    for name, one in read.items():
        findings += one.findings
        findings += checks.of_service(name, nodes, one.service, declared, one.optional)
        if not instead:
            findings += replaced.hidden(name, nodes[name], one.service)
        volumes += (
            WrittenVolume.of(name, nodes[name], each)
            for each in one.service.volumes
            if each.keeps and name not in instead
        )
        there = tuple(each for each in one.service.depends_on if each in nodes)
        accepted[name] = replace(one.service, depends_on=there)
    waited = (name for one in read.values() for name in one.ending)
    accepted = dict(ending.told(accepted, waited))
    taken = {
        name: ReplacedService(name, accepted[name], read[name].files, nodes[name])
        for name in instead
        if name in accepted
    }
    accepted = replaced.without(accepted, taken)
    findings += checks.cycles(accepted, nodes)
    retried = {name: one.retried for name, one in read.items() if one.retried is not None}
    findings += ending.undecided(accepted, retried)
    files = {name: file for one in read.values() for name, file in one.files.items()}
    sources = (*loaded.sources, *(path for one in read.values() for path in one.sources))
    placed = tuple(each for one in read.values() for each in one.placeholders)
    return Compose(
        accepted,
        files,
        tuple(dict.fromkeys(sources)),
        tuple(volumes),
        written=nodes,
        placeholders=placed,
        replaced=taken,
    )


def _is_of(service: str, finding: ComposeFinding) -> bool:
    place = f"services.{service}"
    return finding.problem.key == place or finding.problem.key.startswith(f"{place}.")


def _part(root: YamlNode, key: str) -> Mapping[str, YamlNode]:
    return root.entries[key].entries if key in root.entries else {}


def only(compose: Compose, runs: Collection[str]) -> Compose:
    """The part that a server runs. Names that are no services (`postgres`) are left out."""
    services = {name: each for name, each in compose.services.items() if name in runs}
    roots = {mount.source for each in services.values() for mount in each.volumes}
    files = {
        name: file
        for name, file in compose.files.items()
        if name in roots or any(name.startswith(f"{root}/") for root in roots)
    }
    volumes = tuple(volume for volume in compose.volumes if volume.service in services)
    placed = tuple(one for one in compose.placeholders if one.service in services)
    return replace(compose, services=services, files=files, volumes=volumes, placeholders=placed)


def staying(compose: Compose) -> Compose:
    """The services that are started and stay."""
    return only(compose, [name for name, each in compose.services.items() if not each.ends])


def ending_services(compose: Compose) -> tuple[str, ...]:
    """Names of those that do their work and end, each after those that it depends on. Pure."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        for need in compose.services[name].depends_on:
            if need in compose.services:
                add(need)
        found[name] = None

    for name in compose.services:
        add(name)
    return tuple(name for name in found if compose.services[name].ends)


def faces_users(service: Service) -> bool:
    """Whether Caddy looks for the application there."""
    return any(checks.Published.of(port).is_the_apps for port in service.ports)


def on_trial(compose: Compose, run: Collection[str], instead: Mapping[str, str]) -> Compose:
    """What runs in a drill: what faces users and what that depends on, and what is asked for in
    `run`. `instead`: values that take the place of what services are told under these names."""
    wanted, more = set[str](), {*run}
    more |= {name for name, each in compose.services.items() if faces_users(each)}
    while more:
        wanted |= more
        needed = {need for name in more for need in compose.services[name].depends_on}
        more = needed - wanted
    return only(told_instead(compose, instead), wanted)


def told_instead(compose: Compose, instead: Mapping[str, str]) -> Compose:
    """The same services, told these values in place of what they are told under their names."""
    return _told(compose, instead.get)


def filled_in(compose: Compose, values: Mapping[str, str]) -> Compose:
    """With values in place of placeholders. Raises KeyError for one that has none."""
    return _told(compose, lambda _, value: placeholders.fill_in(value, values))


def _told(compose: Compose, telling: Callable[[str, str], str]) -> Compose:
    """With other values of what services are told, by name and value."""
    services = {
        name: replace(each, environment=tuple((n, telling(n, v)) for n, v in each.environment))
        for name, each in compose.services.items()
    }
    return replace(compose, services=services)
