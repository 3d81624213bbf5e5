"""Which services end by themselves: what they do is done once for a release, before the others are
started.

Compose's own default is that a service which ended stays so. A server starts what crashed again: a
file has to say that a service ends, at itself or where another one waits for it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.service import Service

COMPLETED: Final = "service_completed_successfully"
_WORDS: Final[Mapping[str, str]] = {"none": "no"}
"""How a policy is written, beside the word that Compose has for it under `restart`."""


def policy(node: YamlNode) -> YamlNode | None:
    """Where a service says what becomes of it once it has ended."""
    deploy = node.entries.get("deploy")
    asked = deploy.entries.get("restart_policy") if deploy else None
    condition = asked.entries.get("condition") if asked else None
    return node.entries.get("restart") or condition


def says(node: YamlNode, word: str) -> bool:
    """Whether a service says this of it: `no`, `on-failure`."""
    asked = policy(node)
    if asked is None or asked.value is None:
        return False
    written = str(asked.plain()).lower().partition(":")[0]
    return _WORDS.get(written, written) == word


def awaited(node: YamlNode) -> frozenset[str]:
    """Services that have to have ended well before this one is started."""
    needs = node.entries.get("depends_on")
    conditions = {
        name: about.entries.get("condition")
        for name, about in (needs.entries.items() if needs else ())
    }
    return frozenset(name for name, asked in conditions.items() if asked and _is_completed(asked))


def _is_completed(node: YamlNode) -> bool:
    return bool(node.value == COMPLETED)


def told(services: Mapping[str, Service], ending: Iterable[str]) -> Mapping[str, Service]:
    """The same, each knowing whether it ends. ending: those that others wait for."""
    done = frozenset(ending)
    return {name: replace(one, ends=one.ends or name in done) for name, one in services.items()}


def undecided(
    services: Mapping[str, Service], retried: Mapping[str, YamlNode]
) -> Iterator[ComposeFinding]:
    """Services of which the file does not tell whether they end."""
    for name, node in retried.items():
        if not services[name].ends:
            yield node.found(
                f"services.{name}.restart",
                "on-failure does not tell whether the service ends by itself",
                '"no", if it does its work and ends; unless-stopped, if it stays; or the '
                f"condition {COMPLETED} where others wait for it",
            )


def nowhere(nodes: Mapping[str, YamlNode], runs: Collection[str]) -> Iterator[ComposeFinding]:
    """Services that wait for the end of one that no server runs. runs: those that servers run."""
    for name in runs:
        node = nodes.get(name)
        for other in sorted(awaited(node) - {*runs}) if node else ():
            yield (
                nodes[name]
                .at(["depends_on", other])
                .found(
                    f"services.{name}.depends_on.{other}",
                    f"it waits until {other} has ended, which no server runs",
                    f'runs = [..., "{other}"] under a group of servers in liferaft.toml',
                )
            )
