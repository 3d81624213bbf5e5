"""What liferaft.toml says of a volume."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from liferaft.config.data import DataConfig
from liferaft.config.fields import Filled
from liferaft.config.problems import Finding
from liferaft.config.values import shown

SHORTEST: Final = timedelta(seconds=10)
LONGEST: Final = timedelta(days=1)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_VOLUME: Final = r"^([a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}|\.{1,2}/[^:\n]{0,198}[^:/\n])$"
_INTERVAL: Final = "an interval such as 30s, 5m, 6h; from 10s to 1d"
_COMMAND: Final = 'a line for the shell of the service\'s container, such as "backup.sh"'


def _interval(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([smhd])", value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"{shown(value)} is not from 10 seconds to a day")
    return length


def _pattern(text: str) -> str:
    """restic reads `!` as an exception and `$` as a variable, and `..` leads out of the volume."""
    if text.startswith("!") or "$" in text or ".." in text.split("/"):
        raise ValueError(f"{shown(text)} is no pattern for files of the volume")
    return text


class VolumeConfig(DataConfig):
    """A named volume or folder of the Compose file, on the one server that runs the service which
    uses it."""

    CALLED: ClassVar[str] = "volume"

    volume: Annotated[str, StringConstraints(pattern=_VOLUME)] = Field(
        description="a volume as the Compose file calls it, such as media, or ./uploads"
    )
    service: Filled | None = Field(
        default=None,
        description="the service that uses it, where more than one group runs services",
    )
    interval: Annotated[timedelta, BeforeValidator(_interval)] | None = Field(
        default=None, description=_INTERVAL
    )
    """None: a minute, or ten times as long as keeping it took last."""
    exclude: tuple[Annotated[Filled, AfterValidator(_pattern)], ...] = Field(
        default=(),
        max_length=100,
        description='a list of patterns such as "/cache" or "*.tmp", without `!`, `$` and `..`',
    )
    before: Filled | None = Field(default=None, description=_COMMAND)
    after: Filled | None = Field(default=None, description=_COMMAND)

    @property
    def volumes_kept(self) -> tuple[str, ...]:
        return (self.volume,)

    def is_same(self, volume: str) -> bool:
        """Whether it is this volume, or this folder written in another way."""
        both = (self.volume, volume)
        is_folder = all(one.startswith(".") for one in both)
        return len(set(map(posixpath.normpath, both) if is_folder else both)) == 1

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """One data set for a volume, which may not be lost, and one server that has it."""
        if "volumes" in sections and self.volume in sections["volumes"].ephemeral:
            reason = f"{self.volume} is ephemeral under [volumes] as well"
            yield Finding(("data", name, "volume"), reason, "one of the two")
        for other, told in sections.get("data", {}).items():
            if other == name:
                break
            if isinstance(told, VolumeConfig) and told.is_same(self.volume):
                reason = f"{other} keeps volume {told.volume} already"
                yield Finding(("data", name, "volume"), reason, "another volume")
        if self.service is None:
            for key in (key for key in ("before", "after") if getattr(self, key) is not None):
                reason = "in the container of which service it runs is not said"
                yield Finding(("data", name, key), reason, 'service = "NAME"')
        if "servers" in sections:
            yield from self._of_servers(name, sections)

    def _of_servers(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        programs = {told.RUNS for told in sections.get("data", {}).values()}
        groups = {
            group: [one for one in server.runs if one not in programs]
            for group, server in sections["servers"].items()
        }
        running = {group: services for group, services in groups.items() if services}
        if self.service is not None:
            running = {one: runs for one, runs in running.items() if self.service in runs}
        place, services = ("data", name), [one for runs in groups.values() for one in runs]
        if not running:
            if self.service is not None:
                reason = f"no server group runs {shown(self.service)}"
                yield Finding((*place, "service"), reason, f"one of {', '.join(services)}")
        elif len(running) > 1:
            at = (*place, "service") if self.service is not None else place
            reason = f"{' and '.join(running)} run services: which of them has it is not said"
            yield Finding(at, reason, 'service = "NAME" of one that a single group runs')
        else:
            (group,) = running
            if sections["servers"][group].count != 1:
                reason = f"each server of {group} would have a volume {self.volume} of its own"
                yield Finding(("servers", group, "count"), reason, "count = 1")
