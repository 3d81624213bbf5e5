"""Keys of a service that are run as they are written, each as texts in Compose's short form."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from liferaft.compose.values import NotAccepted, health, is_true, pairs, shown, text, texts

_SIZE: Final = re.compile(r"-1|\d{1,18}(\.\d{1,6})?([bkmgt]b?)?", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
Reader = Callable[[Any], tuple[str, ...]]


def _one(value: Any) -> tuple[str, ...]:
    return (text(value),)


def _switch(value: Any) -> tuple[str, ...]:
    return ("true",) if is_true(value) else ()


def _size(value: Any) -> tuple[str, ...]:
    if not _SIZE.fullmatch(text(value)):
        raise NotAccepted(f"{shown(value)} is no size", "bytes, or a size such as 512m or 1g")
    return (text(value).lower(),)


def _number(value: Any) -> tuple[str, ...]:
    if not _NUMBER.fullmatch(text(value)):
        raise NotAccepted(f"{shown(value)} is no number", "a number")
    return (text(value),)


def _pairs(value: Any) -> tuple[str, ...]:
    return tuple(f"{text(name)}={text(given or '')}" for name, given in pairs(value).items())


def _hosts(value: Any) -> tuple[str, ...]:
    """`name:address`."""
    if isinstance(value, Mapping):
        each = ((name, one) for name, given in value.items() for one in texts(given))
        return tuple(f"{name}:{address}" for name, address in each)
    found = tuple(re.sub("[=:]", ":", one, count=1) for one in texts(value))
    if any(":" not in one for one in found):
        raise NotAccepted("an entry has no address", '"name:address"')
    return found


def _limits(value: Mapping[str, Any]) -> tuple[str, ...]:
    """`nofile=1:2`."""
    found = []
    for name, given in value.items():
        if isinstance(given, Mapping):
            found.append(f"{name}={text(given['soft'])}:{text(given['hard'])}")
        else:
            found.append(f"{name}={text(given)}:{text(given)}")
    return tuple(found)


READERS: Final[Mapping[str, Reader]] = {
    "annotations": _pairs,
    "cap_add": texts,
    "cap_drop": texts,
    "cpu_period": _number,
    "cpu_quota": _number,
    "cpu_shares": _number,
    "cpus": _number,
    "cpuset": _one,
    "dns": texts,
    "dns_opt": texts,
    "dns_search": texts,
    "expose": texts,
    "extra_hosts": _hosts,
    "group_add": texts,
    "healthcheck": health,
    "hostname": _one,
    "labels": _pairs,
    "mem_limit": _size,
    "mem_reservation": _size,
    "mem_swappiness": _number,
    "memswap_limit": _size,
    "oom_kill_disable": _switch,
    "oom_score_adj": _number,
    "pids_limit": _number,
    "read_only": _switch,
    "security_opt": texts,
    "shm_size": _size,
    "stdin_open": _switch,
    "stop_signal": _one,
    "sysctls": _pairs,
    "tmpfs": texts,
    "tty": _switch,
    "ulimits": _limits,
    "umask": _one,
}
"""By key; what they return is never read again but by `hosts.options`."""
