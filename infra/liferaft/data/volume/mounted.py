"""Volumes of liferaft.toml against the Compose file: who mounts them, and on which server."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from liferaft import texts
from liferaft.compose import application
from liferaft.compose.service import MountKind, Service
from liferaft.compose.volume_name import volume_name
from liferaft.config import Config, ConfigInvalid, Problem
from liferaft.config.lines import line_numbers, line_of
from liferaft.config.problems import Finding, key_of
from liferaft.data.volume.config import VolumeConfig
from liferaft.data.volume.places import volume_of
from liferaft.site.roster import roster


def require_mounted(config: Config) -> None:
    """Raise ConfigInvalid, each with its line, for volumes that no service mounts, or one on
    another server too. Raises BadInput for a Compose file that is not accepted. Blocks."""
    known = application.described(config).services
    findings = list(unmounted(config, known))
    if findings:
        path = config.file or Path("liferaft.toml")
        places = line_numbers(texts.read_text(path)) if config.file else {}
        raise ConfigInvalid(
            path,
            [
                Problem(line_of(places, one.place), key_of(one.place), one.reason, one.valid)
                for one in findings
            ],
        )


def unmounted(config: Config, services: Mapping[str, Service]) -> Iterator[Finding]:
    """What is wrong with each. Pure."""
    mounted = {service: _volumes(one) for service, one in services.items()}
    named = sorted(set().union(*mounted.values()))
    for name, told in config.data.items():
        if not isinstance(told, VolumeConfig):
            continue
        place = ("data", name, "volume")
        by = {service for service, each in mounted.items() if told.volume in each}
        server = volume_of(config, name).server
        here = {
            service
            for seat in roster(config).app
            for service in seat.services
            if seat.name == server and service in by
        }
        if not by:
            reason = f"no service of {config.app.compose.name} mounts a volume {told.volume}"
            yield Finding(place, reason, ", ".join(named) or "none is mounted there")
        elif told.service is not None and told.service not in by:
            reason = f"{told.service} does not mount volume {told.volume}"
            yield Finding(("data", name, "service"), reason, ", ".join(sorted(by)))
        elif not here:
            reason = f"no service of {server} mounts volume {told.volume}"
            yield Finding(place, reason, f"run {' or '.join(sorted(by))} there")
        elif away := sorted(by - here - _nowhere(config, by)):
            reason = f"{' and '.join(away)} mount it on another server, where it is another volume"
            yield Finding(place, reason, "all services that mount it in one group")
        for other in named:
            if other != told.volume and volume_name(other) == volume_name(told.volume):
                reason = f"{other} of {config.app.compose.name} is the same volume on a server"
                yield Finding(place, reason, "another name for one of the two")


def _volumes(service: Service) -> set[str]:
    """Those that podman keeps, as the Compose file calls them."""
    return {one.written for one in service.volumes if one.kind is MountKind.VOLUME}


def _nowhere(config: Config, services: set[str]) -> set[str]:
    """Those that no server runs."""
    return services - {one for seat in roster(config).app for one in seat.services}
