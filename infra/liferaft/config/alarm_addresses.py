"""Where alarms go: what [notify] and `ping` of [drill] only name, filled in at the edge.

Apart from `resolve`, since a variable that is not set here must stop nothing: it is told, and
whoever can be told is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from liferaft.config.models import Config
from liferaft.config.urls import url_flaw
from liferaft.config.values import environment_name, flaw_of


@dataclass(frozen=True)
class AlarmAddresses:
    """urls: by variable, those that alarms are sent to. ping: the variable and the address of the
    dead man's switch of drills, if there is one. flaws: why other variables cannot be used, by
    their names; no value is ever repeated."""

    urls: Mapping[str, SecretStr]
    ping: tuple[str, SecretStr] | None
    flaws: Mapping[str, str]


def alarm_addresses(config: Config, environ: Mapping[str, str]) -> AlarmAddresses:
    """All that can be told, and why the others cannot. Pure."""
    urls, flaws = dict[str, SecretStr](), dict[str, str]()
    for name in filter(None, map(environment_name, config.notify.urls)):
        flaw = _flaw(value := environ.get(name, ""))
        if flaw:
            flaws[name] = flaw
        else:
            urls[name] = SecretStr(value)
    ping = environment_name(config.drill.ping)
    if ping is None:
        return AlarmAddresses(urls, None, flaws)
    flaw = _flaw(value := environ.get(ping, "")) or url_flaw(value)
    if not flaw and not value.startswith("https://"):
        flaw = "it is no https URL"
    if flaw:
        return AlarmAddresses(urls, None, {**flaws, ping: flaw})
    return AlarmAddresses(urls, (ping, SecretStr(value)), flaws)


def _flaw(value: str) -> str:
    return flaw_of(value) if value else "it is not set"
