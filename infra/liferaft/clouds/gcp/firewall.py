"""A firewall: Google's rules for one network tag, which is put on the servers behind it.

Google has rules only. One that shuts everything out at the lowest priority bears the firewall's
name, which is the tag as well, and is there as long as the firewall is; each Rule is another one
beside it. The labels of all are in their descriptions. Google refuses to delete a network that
has rules, yet deletes rules that servers rely on: that refusal is ours.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import APP, TOKEN, Owned, Owner
from liferaft.clouds.gcp.access import (
    GcpAccess,
    belongs_to,
    by_app,
    check_ours,
    described,
    labels_in,
    last,
    name_of,
)
from liferaft.clouds.gcp.errors import IN_USE, OperationFailed
from liferaft.clouds.kinds import FirewallFacts, FirewallSpec, Rule
from liferaft.clouds.refusals import gone

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Firewall

_LET_IN, _SHUT_OUT = 1000, 65534
"""Priorities; the smaller number wins, and 65535 is the network's own "no"."""
_MARK = 8


class GcpFirewall:
    """Implements Resource[FirewallSpec, FirewallFacts]; its id is the network tag."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: FirewallSpec, owner: Owner) -> FirewallFacts:
        name = name_of(spec, owner)

        def find() -> "Firewall | None":
            row = self._row(name)
            if row is not None:
                check_ours(labels_in(row.description), name, spec, owner)
            return row

        self._access.make(
            f"creating firewall {name}",
            find,
            self._access.clients.firewalls.insert_unary,
            firewall_resource={
                **self._common(name, spec.network_id, described(spec, owner)),
                "name": name,
                "priority": _SHUT_OUT,
                "source_ranges": ["0.0.0.0/0"],
                "denied": [{"I_p_protocol": "all"}],
            },
        )
        return self.update(name, spec)

    def read(self, ident: str) -> FirewallFacts | None:
        row = self._plane.ask(f"reading firewall {ident}", lambda: self._row(ident))
        return None if row is None else FirewallFacts(ident)

    def update(self, ident: str, spec: FirewallSpec) -> FirewallFacts:
        """New rules are let in before old ones are shut, so that nothing is cut in between."""
        doing = f"setting the rules of firewall {ident}"
        base = self._plane.ask(doing, lambda: self._require_row(ident))
        wanted = {rule_name(ident, rule): rule for rule in spec.rules}
        there = self._rules(doing, ident, labels_in(base.description))
        for name in sorted(wanted.keys() - there):
            self._access.make(
                f"letting in {name}",
                lambda name=name: self._row(name),  # type: ignore[misc]  # mypy: no default in a lambda
                self._access.clients.firewalls.insert_unary,
                firewall_resource={
                    **self._common(ident, last(base.network), base.description),
                    **let_in(wanted[name]),
                    "name": name,
                },
            )
        for name in sorted(there - wanted.keys()):
            self._remove(f"shutting {name}", name)
        return FirewallFacts(ident)

    def delete(self, ident: str) -> None:
        """The rules first, so that what is left after a kill still has its name."""
        doing = f"deleting firewall {ident}"
        base = self._plane.ask(doing, lambda: self._row(ident))
        if base is None:
            return
        labels = labels_in(base.description)
        self._plane.remove(doing, lambda: self._refuse_in_use(ident, labels))
        for name in sorted(self._rules(doing, ident, labels)):
            self._remove(f"deleting rule {name}", name)
        self._remove(doing, ident)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask("listing firewalls", self._list)
        found = {
            tag: labels
            for row in rows
            if belongs_to(labels := labels_in(row.description), app, site)
            for tag in row.target_tags
        }
        return [Owned(tag, tag, labels) for tag, labels in found.items()]

    def _require_row(self, ident: str) -> "Firewall":
        row = self._row(ident)
        if row is None:
            raise gone("gcp", "firewall", ident)
        return row

    def _rules(self, doing: str, ident: str, labels: Mapping[str, str]) -> set[str]:
        """The names of our rules for this tag, apart from the one that bears its name."""
        return {
            row.name
            for row in self._plane.ask(doing, self._list)
            if ident in row.target_tags
            and row.name != ident
            and labels_in(row.description).get(TOKEN) == labels.get(TOKEN)
        }

    def _refuse_in_use(self, ident: str, labels: Mapping[str, str]) -> None:
        access = self._access
        pages = access.call(
            access.clients.instances.aggregated_list, filter=by_app(labels.get(APP, ""), None)
        )
        servers = [
            row.name for _, scoped in pages for row in scoped.instances if ident in row.tags.items
        ]
        if servers:
            raise OperationFailed(
                IN_USE,
                f"firewall {ident} is still used by {', '.join(servers)}",
                evidence={"refused_by": "liferaft"},
            )

    def _remove(self, doing: str, name: str) -> None:
        delete = self._access.change(
            doing,
            self._access.clients.firewalls.delete_unary,
            seconds=self._access.patience.gone,
            firewall=name,
        )
        self._plane.remove(doing, delete)

    def _common(self, tag: str, network: str, description: str) -> dict[str, Any]:
        return {
            "description": description,
            "network": self._access.link(f"global/networks/{network}"),
            "direction": "INGRESS",
            "target_tags": [tag],
        }

    def _list(self) -> "list[Firewall]":
        return list(self._access.call(self._access.clients.firewalls.list))

    def _row(self, name: str) -> "Firewall | None":
        return self._access.find(self._access.clients.firewalls.get, firewall=name)


def rule_name(tag: str, rule: Rule) -> str:
    """The same for the same rule, so that to create one is idempotent."""
    said = " ".join((rule.protocol, rule.ports, *sorted(rule.sources)))
    mark = hashlib.sha256(f"{tag} {said}".encode()).hexdigest()[:_MARK]
    return f"{tag[: 62 - _MARK].rstrip('-')}-{mark}"


def let_in(rule: Rule) -> dict[str, Any]:
    allowed: dict[str, Any] = {"I_p_protocol": rule.protocol}
    if rule.ports:
        allowed["ports"] = [rule.ports]
    return {
        "priority": _LET_IN,
        "source_ranges": sorted(rule.sources),
        "allowed": [allowed],
    }
