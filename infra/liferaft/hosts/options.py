"""What podman is told of a service itself: words in a file beside the Compose file."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from liferaft.compose.service import Service

_WORDS: Final[Mapping[str, str]] = {
    "annotations": "--annotation",
    "cap_add": "--cap-add",
    "cap_drop": "--cap-drop",
    "cpu_period": "--cpu-period",
    "cpu_quota": "--cpu-quota",
    "cpu_shares": "--cpu-shares",
    "cpus": "--cpus",
    "cpuset": "--cpuset-cpus",
    "dns": "--dns",
    "dns_opt": "--dns-option",
    "dns_search": "--dns-search",
    "expose": "--expose",
    "extra_hosts": "--add-host",
    "group_add": "--group-add",
    "hostname": "--hostname",
    "labels": "--label",
    "mem_limit": "--memory",
    "mem_reservation": "--memory-reservation",
    "mem_swappiness": "--memory-swappiness",
    "memswap_limit": "--memory-swap",
    "oom_kill_disable": "--oom-kill-disable",
    "oom_score_adj": "--oom-score-adj",
    "pids_limit": "--pids-limit",
    "read_only": "--read-only",
    "security_opt": "--security-opt",
    "shm_size": "--shm-size",
    "stdin_open": "--interactive",
    "stop_signal": "--stop-signal",
    "sysctls": "--sysctl",
    "tmpfs": "--tmpfs",
    "tty": "--tty",
    "ulimits": "--ulimit",
    "umask": "--umask",
}
_HEALTH: Final[Mapping[str, str]] = {
    "interval": "--health-interval",
    "timeout": "--health-timeout",
    "retries": "--health-retries",
    "start_period": "--health-start-period",
}


def options(name: str, service: Service) -> tuple[str, ...]:
    """Words for `podman run`, each whole by itself. name: of the service, which podman forgets
    where it is told another name beside the network."""
    aliases = (name, *service.names) if service.names else ()
    return tuple(f"--network-alias={alias}" for alias in aliases) + tuple(_options(service))


def _options(service: Service) -> Iterator[str]:
    if service.entrypoint is not None:
        # An empty one takes the image's away.
        yield f"--entrypoint={json.dumps(service.entrypoint) if service.entrypoint else ''}"
    for key, values in service.others:
        if key == "healthcheck":
            yield from _health(values)
        else:
            yield from (f"{_WORDS[key]}={value}" for value in values)


def _health(values: tuple[str, ...]) -> Iterator[str]:
    if values == ("disable",):
        yield "--no-healthcheck"
        return
    for value in values:
        key, _, given = value.partition("=")
        yield f"--health-cmd={_asked(given)}" if key == "test" else f"{_HEALTH[key]}={given}"


def _asked(test: str) -> str:
    """podman puts `CMD` before a list of several words itself, and takes a list that begins with it
    apart at its blanks."""
    kind, *words = json.loads(test)
    if kind == "CMD" and len(words) > 1:
        return json.dumps(words)
    return json.dumps(["CMD-SHELL", words[0]])
