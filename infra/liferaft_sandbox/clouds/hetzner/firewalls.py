"""https://docs.hetzner.cloud/reference/cloud#firewalls"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.collection import Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import ApiError, in_use, invalid_field
from liferaft_sandbox.clouds.hetzner.listing import selects
from liferaft_sandbox.clouds.hetzner.schema import (
    checked,
    integer,
    labels,
    list_of,
    network_range,
    object_of,
    one_of,
    optional,
    required,
    text,
)
from liferaft_sandbox.clouds.hetzner.state import Firewall, State, find, refuse_used_name

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.actions import Action

_PORTS = re.compile(r"any|(\d{1,5})(?:-(\d{1,5}))?")
_LAST_PORT = 65535
_RULE = {
    "direction": required(one_of("in", "out")),
    "protocol": required(one_of("tcp", "udp", "icmp", "esp", "gre")),
    "port": optional(text()),
    "source_ips": optional(list_of(network_range)),
    "destination_ips": optional(list_of(network_range)),
    "description": optional(text(shortest=0)),
}
_TARGET = {
    "type": required(one_of("server", "label_selector")),
    "server": optional(object_of({"id": required(integer)})),
    "label_selector": optional(object_of({"selector": required(text())})),
}
_RULES = list_of(object_of(_RULE))
_TARGETS = list_of(object_of(_TARGET))
_CREATE = {
    "name": required(text(longest=128)),
    "labels": optional(labels),
    "rules": optional(_RULES),
    "apply_to": optional(_TARGETS),
}


class Firewalls(Collection[Firewall]):
    singular, plural = "firewall", "firewalls"

    def __init__(self, state: State) -> None:
        super().__init__(state, state.firewalls)
        self.commands = {
            "set_rules": self._set_rules,
            "apply_to_resources": self._apply,
            "remove_from_resources": self._remove,
        }

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        refuse_used_name(self.resources, wanted["name"], "firewall")
        firewall = Firewall(
            id=self.state.next_id(),
            name=wanted["name"],
            labels=wanted.get("labels", {}),
            rules=_rules(wanted.get("rules", [])),
        )
        actions = self._apply_to(firewall, wanted.get("apply_to", []))
        self.resources[firewall.id] = firewall
        shown = [
            action.show()
            for action in (self.start_action("set_firewall_rules", firewall), *actions)
        ]
        return Reply(201, {"firewall": self.show(firewall), "actions": shown})

    def show(self, resource: Firewall) -> dict[str, Any]:
        direct = [
            {"type": "server", "server": {"id": number}} for number in sorted(resource.servers)
        ]
        chosen = [
            {
                "type": "label_selector",
                "label_selector": {"selector": selector},
                "applied_to_resources": [
                    {"type": "server", "server": {"id": server.id}}
                    for server in self.state.servers.values()
                    if selects(selector, server.labels)
                ],
            }
            for selector in resource.selectors
        ]
        return {
            **self.common(resource),
            "rules": resource.rules,
            "applied_to": [*direct, *chosen],
        }

    def delete(self, resource: Firewall) -> Reply:
        if resource.servers or resource.selectors:
            raise in_use("firewall is still in use")
        del self.resources[resource.id]
        return Reply(204, None)

    def _set_rules(self, firewall: Firewall, body: object) -> list[Action]:
        firewall.rules = _rules(checked(body, {"rules": required(_RULES)})["rules"])
        return [self.start_action("set_firewall_rules", firewall)]

    def _apply(self, firewall: Firewall, body: object) -> list[Action]:
        targets = checked(body, {"apply_to": required(_TARGETS)})["apply_to"]
        return self._apply_to(firewall, targets)

    def _apply_to(self, firewall: Firewall, targets: list[dict[str, Any]]) -> list[Action]:
        """All targets are looked at before any gets the firewall, as in `_remove`."""
        chosen = [self._target(target) for target in targets]
        if firewall.servers.intersection(chosen):
            message = "firewall is already applied to the server"
            raise ApiError(409, "firewall_already_applied", message)
        for target in chosen:
            if isinstance(target, int):
                firewall.servers.add(target)
            elif target not in firewall.selectors:
                firewall.selectors.append(target)
        return [self._about("apply_firewall", firewall, target) for target in chosen]

    def _remove(self, firewall: Firewall, body: object) -> list[Action]:
        targets = checked(body, {"remove_from": required(_TARGETS)})["remove_from"]
        chosen = list(dict.fromkeys(self._target(target) for target in targets))
        if not firewall.servers.union(firewall.selectors).issuperset(chosen):
            message = "firewall is not applied to the resource"
            raise ApiError(422, "firewall_resource_not_found", message)
        for target in chosen:
            if isinstance(target, int):
                firewall.servers.remove(target)
            else:
                firewall.selectors.remove(target)
        return [self._about("remove_firewall", firewall, target) for target in chosen]

    def _target(self, target: dict[str, Any]) -> int | str:
        """A server's id, or a selector of labels."""
        return self._server(target) if target["type"] == "server" else _selector(target)

    def _server(self, target: dict[str, Any]) -> int:
        if target.get("server") is None:
            raise invalid_field("server", "Missing data for required field.")
        return find(self.state.servers, target["server"]["id"], field="server", kind="server").id

    def _about(self, command: str, firewall: Firewall, target: int | str) -> Action:
        servers = [("server", target)] if isinstance(target, int) else []
        return self.state.actions.start(command, *servers, ("firewall", firewall.id))


def _selector(target: dict[str, Any]) -> str:
    if target.get("label_selector") is None:
        raise invalid_field("label_selector", "Missing data for required field.")
    selector = str(target["label_selector"]["selector"])
    selects(selector, {})  # refuses what cannot be read
    return selector


def _rules(wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for number, rule in enumerate(wanted):
        for name, said in _rule_problems(rule):
            raise invalid_field(f"rules[{number}].{name}", said)
    return [
        {
            "description": None,
            "port": None,
            "source_ips": [],
            "destination_ips": [],
            **{name: value for name, value in rule.items() if value is not None},
        }
        for rule in wanted
    ]


def _rule_problems(rule: dict[str, Any]) -> list[tuple[str, str]]:
    problems = []
    port = rule.get("port")
    has_ports = rule["protocol"] in {"tcp", "udp"}
    if has_ports and port is None:
        problems.append(("port", "is required for protocols tcp and udp"))
    if not has_ports and port is not None:
        problems.append(("port", "is only allowed for protocols tcp and udp"))
    if has_ports and port is not None and ports(port) is None:
        problems.append(("port", "is not a valid port or port range"))
    peers = "source_ips" if rule["direction"] == "in" else "destination_ips"
    if not rule.get(peers):
        problems.append((peers, f"is required for direction {rule['direction']}"))
    return problems


def ports(said: str) -> tuple[int, int] | None:
    """First and last port of `80`, `80-85` or `any`; None for anything else."""
    match = _PORTS.fullmatch(said)
    if match is None:
        return None
    if match[1] is None:
        return 1, _LAST_PORT
    first, last = int(match[1]), int(match[2] or match[1])
    return (first, last) if 1 <= first <= last <= _LAST_PORT else None


def ipv4_only(ranges: list[str]) -> tuple[str, ...]:
    """The IPv4 ranges among them: the sandbox's networks are IPv4."""
    parsed = [ipaddress.ip_network(item) for item in ranges]
    return tuple(str(item) for item in parsed if isinstance(item, ipaddress.IPv4Network))
