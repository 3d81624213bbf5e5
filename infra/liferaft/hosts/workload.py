"""What a server needs to run its part of the app, as text: Compose file, variables, systemd unit.

podman-compose returns 0 whatever becomes of the containers, and starts an old container again
where its name is taken. So the unit always recreates, and `watch` looks at the containers itself.
What its versions do differently is kept from podman by a program in between (`podman`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from liferaft.compose.across import listens_privately
from liferaft.compose.application import Compose
from liferaft.compose.service import Service
from liferaft.compose.values import APP_ENV
from liferaft.failures import BadInput
from liferaft.hosts.jobrunning.order import JOBS, SCHEDULED
from liferaft.hosts.options import options
from liferaft.hosts.podman import SCRIPT, environment_file, options_file
from liferaft.hosts.rendering import render, render_jobs
from liferaft.hosts.switching.files import PODMAN
from liferaft.hosts.switching.last_words import TELLING
from liferaft.remote.files import HostFile

PACKAGES: Final = (
    *("podman", "podman-compose", "crun", "netavark", "aardvark-dns", "iptables"),
    "catatonit",  # what podman runs for `init: true`; only recommended by Debian's podman
)
FOLDER: Final = "/srv/liferaft/app"
PROJECT: Final = "app"
"""podman-compose's project: containers are app_SERVICE_1."""
CONTAINERS: Final = "10.89.0.0/16"
"""Where podman takes its networks from: what containers say to their own server comes from there.
https://github.com/containers/common/blob/v0.50.1/docs/containers.conf.5.md#network-table
"""
UNIT: Final = "liferaft-workload.service"
UNIT_PATH: Final = f"/etc/systemd/system/{UNIT}"
START_SECONDS: Final = 180
"""systemd's own bound for a start: several images on a small, busy server."""
LATE_ADDRESSES: Final = "net.ipv4.ip_nonlocal_bind=1"
"""https://docs.kernel.org/networking/ip-sysctl.html#ip-variables"""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Workload:
    """The services of one server and what they are told."""

    compose: Compose
    """Already cut to this server (`compose.only`)."""
    variables: Mapping[str, str] = field(repr=False)
    """Site, addresses and secrets: delivered over SSH, readable for root alone."""
    jobs: Compose = field(default_factory=Compose)
    """What is run to its end there, by the same variables: no service of `compose`."""
    scheduled: Mapping[str, int] = field(default_factory=dict)
    """Those of `jobs` that a timer runs, with the seconds that each has."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the application's own, what stands in the Compose file and in its files."""

    def files(self, folder: str = FOLDER) -> tuple[HostFile, ...]:
        """Everything that has to lie in the folder, the same text for the same facts. The unit is
        a copy of the one that systemd reads.
        """
        return (
            HostFile(f"{folder}/compose.yaml", render(self.compose).encode(), mode=0o600),
            _secret(f"{folder}/{APP_ENV}", self.variables),
            *(
                _secret(f"{folder}/{environment_file(name)}", told)
                for name, told in self._environments().items()
            ),
            *(
                HostFile(
                    f"{folder}/{options_file(name)}", _lines(options(name, service)), mode=0o600
                )
                for name, service in self._all.items()
                if options(name, service)
            ),
            *(
                HostFile(f"{folder}/{name}", file.content, mode=file.mode)
                for name, file in sorted({**self.compose.files, **self.jobs.files}.items())
            ),
            *self._jobs_file(folder),
            HostFile(f"{folder}/{PODMAN}", SCRIPT.encode(), mode=0o755),
            HostFile(f"{folder}/{UNIT}", unit(self.compose).encode()),
        )

    @property
    def switch_seconds(self) -> int:
        """How long it may take to stop these containers and start them, and to go back."""
        return 3 * (START_SECONDS + 2 * _stop_seconds(self.compose))

    def struck(self, text: str) -> str:
        """The text with what services are told struck out, in variables and secrets: it goes to a
        screen and into the journal, and apps like to print their settings when they crash.
        """
        names: dict[str, str] = {}
        for told in (*self._environments().values(), self.variables, self.secrets):
            for name, value in told.items():
                names |= dict.fromkeys(_telling_parts(value), name)
        for value in sorted(names, key=len, reverse=True):
            text = text.replace(value, f"[{names[value]}]")
        return text

    def _environments(self) -> Mapping[str, Mapping[str, str]]:
        """By service."""
        return {
            name: dict(service.environment)
            for name, service in self._all.items()
            if service.environment
        }

    def _jobs_file(self, folder: str) -> Iterator[HostFile]:
        if self.jobs.services:
            yield HostFile(f"{folder}/{JOBS}", render_jobs(self.jobs).encode(), mode=0o600)
        if self.scheduled:
            told = {name: {"within": seconds} for name, seconds in self.scheduled.items()}
            yield HostFile(f"{folder}/{SCHEDULED}", json.dumps(told, sort_keys=True).encode())

    @property
    def _all(self) -> Mapping[str, Service]:
        return {**self.compose.services, **self.jobs.services}


def _telling_parts(value: str) -> Iterator[str]:
    """What of a value tells something by itself: the whole, and the password of a URL; as they are
    and as they stand in a URL.
    """
    password = value.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for part in (value, password, unquote(password)):
        yield from (text for text in (part, quote(part, "")) if len(part) >= TELLING)


def _lines(words: Sequence[str]) -> bytes:
    """The last first, see `hosts.podman`."""
    return "".join(f"{word}\n" for word in reversed(words)).encode()


def _secret(path: str, variables: Mapping[str, str]) -> HostFile:
    return HostFile(path, variables_file(variables).encode(), mode=0o600)


def variables_file(variables: Mapping[str, str]) -> str:
    """podman's --env-file: NAME=value to the end of the line, nothing is quoted or filled in.

    Raises BadInput, without the value, for what cannot be written so.
    """
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name):
            raise BadInput(f"{name!r} is not a variable's name.")
        if any(mark in value for mark in "\n\r\0"):
            raise BadInput(f"The value of {name} holds a line break, which cannot be delivered.")
    return "".join(f"{name}={value}\n" for name, value in sorted(variables.items()))


def _stop_seconds(compose: Compose) -> int:
    """How long a stop of all services may take, one after the other."""
    return compose.stop_seconds * len(compose.services) + 30


def unit(compose: Compose) -> str:
    """The systemd unit. One-shot: podman itself brings back a container that crashes.

    podman-compose knows one grace period for all, so the longest one counts for each service.
    Unbuffered, so that the journal has podman's errors beside the commands that met them. A private
    address may come after the containers, at every boot: podman may take ports there before.
    """
    stop, longest = compose.stop_seconds, _stop_seconds(compose)
    late = (
        f"ExecStartPre=/usr/sbin/sysctl --quiet {LATE_ADDRESSES}\n"
        if listens_privately(compose)
        else ""
    )
    podman_compose = f"/usr/bin/podman-compose --podman-path {PODMAN} -p {PROJECT} -f compose.yaml"
    return f"""\
[Unit]
Description=The application's containers (liferaft)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
WorkingDirectory={FOLDER}
Environment=PYTHONUNBUFFERED=1
{late}ExecStart={podman_compose} up --detach --no-build --force-recreate
ExecStop={podman_compose} down --timeout {stop}
TimeoutStartSec={START_SECONDS + longest}
TimeoutStopSec={longest}

[Install]
WantedBy=multi-user.target
"""
