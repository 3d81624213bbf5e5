"""Services of the Compose file whose place a data set takes: no server runs them, and the others
find what stands there under the same names.

What the file says of them is read, and held by whoever takes their place.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.placeholders import names_in
from liferaft.compose.service import Service
from liferaft.compose.shipping import ShippedFile

_ASKED: frozenset[str] = frozenset({"environment", "env_file", "secrets", "configs", "command"})
"""Keys of such a service that matter; ports, checks of health and limits are of a container."""
_HOSTNAME = "hostname"
_URL = "DATABASE_URL"


@dataclass(frozen=True)
class ReplacedService:
    """One of them, as the file has it.

    Attributes:
        files: what it mounts of the operator's files, by name.
        at: where the file says it.
    """

    name: str
    service: Service
    files: Mapping[str, ShippedFile] = field(repr=False)
    at: YamlNode = field(repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """By which other services find it."""
        hostname = dict(self.service.others).get(_HOSTNAME, ())
        return tuple(dict.fromkeys((self.name, *self.service.names, *hostname)))

    def content(self, path: str) -> bytes | None:
        """What lies at a path of its container, where a file of the operator's is mounted there."""
        names = (one.source for one in self.service.volumes if one.target == path)
        return next((self.files[name].content for name in names if name in self.files), None)

    def found(self, key: str, inside: str, reason: str, valid: str) -> ComposeFinding:
        """A finding about a key of it; inside: the entry below, where there is one."""
        return self.at.at([key, inside]).found(f"services.{self.name}.{key}", reason, valid)


def without(services: Mapping[str, Service], replaced: Collection[str]) -> dict[str, Service]:
    """The services that stay; none of them waits for one that does not."""
    return {
        name: replace(each, depends_on=tuple(one for one in each.depends_on if one not in replaced))
        for name, each in services.items()
        if name not in replaced
    }


def is_asked(finding: ComposeFinding, replaced: Collection[str]) -> bool:
    """Whether a finding matters: of a service that nobody runs, only what is read of it does."""
    for name in replaced:
        place = f"services.{name}"
        if finding.problem.key == place:
            return True
        if finding.problem.key.startswith(f"{place}."):
            return finding.problem.key.removeprefix(f"{place}.").partition(".")[0] in _ASKED
    return True


def absent(root: YamlNode, replaced: Mapping[str, str]) -> Iterator[ComposeFinding]:
    """Services that data sets shall stand for, and that the file has not. replaced: by service, the
    data set."""
    services = root.at(["services"]).entries
    for service, name in replaced.items():
        if service not in services:
            yield root.found(
                f"services.{service}",
                f"data.{name}.service names it, and there is no such service",
                ", ".join(services) or "a service",
            )


def hidden(name: str, node: YamlNode, service: Service) -> Iterator[ComposeFinding]:
    """The address of a database that the file gives, where no data set stands for its database and
    no placeholder is in it: with one it is liferaft's, in the application's own words."""
    url = dict(service.environment).get(_URL)
    if url is not None and not names_in(url):
        yield node.at(["environment", _URL]).found(
            f"services.{name}.environment",
            f"{_URL} is delivered by liferaft, and this would hide it",
            f'no {_URL} in the file; or service = "…" under [data.NAME], where it is that of a '
            "service of the file",
        )


def reaching(
    services: Mapping[str, Service], addresses: Mapping[str, str]
) -> Mapping[str, Service]:
    """The services, told the addresses of names that are none of theirs: lines in /etc/hosts.
    addresses: by name."""
    if not addresses:
        return services
    lines = tuple(f"{name}:{address}" for name, address in addresses.items())
    return {name: _told(each, lines) for name, each in services.items()}


def _told(service: Service, lines: tuple[str, ...]) -> Service:
    others = dict(service.others)
    others["extra_hosts"] = (*lines, *others.get("extra_hosts", ()))
    return replace(service, others=tuple(sorted(others.items())))
