"""A firewall. Hetzner's filters the public interface only; the private network is open."""

from collections.abc import Sequence

from hcloud.firewalls import BoundFirewall, Firewall, FirewallRule

from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, owned
from liferaft.clouds.kinds import FirewallFacts, FirewallSpec, Rule


class HetznerFirewall:
    """Implements Resource[FirewallSpec, FirewallFacts]."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: FirewallSpec, owner: Owner) -> FirewallFacts:
        firewalls = self._access.client.firewalls

        def find() -> BoundFirewall | None:
            rows = firewalls.get_all(label_selector=by_token(owner))
            return rows[0] if rows else None

        def make() -> BoundFirewall:
            return firewalls.create(
                name=owner.name(spec.name),
                rules=[_rule(rule) for rule in spec.rules],
                labels=owner.labels(spec),  # type: ignore[arg-type]  # hcloud's annotation is wrong
            ).firewall

        row = self._plane.create_once(f"creating firewall {owner.name(spec.name)}", find, make)
        return self.update(str(row.id), spec)

    def read(self, ident: str) -> FirewallFacts | None:
        row = self._plane.look_up(
            f"reading firewall {ident}",
            lambda: self._access.client.firewalls.get_by_id(int(ident)),
        )
        return None if row is None else FirewallFacts(ident)

    def update(self, ident: str, spec: FirewallSpec) -> FirewallFacts:
        doing = f"setting the rules of firewall {ident}"

        def converge() -> None:
            firewalls = self._access.client.firewalls
            there = firewalls.get_by_id(int(ident))
            wanted = [_rule(rule) for rule in spec.rules]
            if [_compared(rule) for rule in there.rules or []] == [_compared(r) for r in wanted]:
                return
            for action in firewalls.set_rules(there, wanted):
                self._access.finish(doing, action)

        self._plane.ensure(doing, converge)
        return FirewallFacts(ident)

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting firewall {ident}",
            lambda: self._access.client.firewalls.delete(Firewall(id=int(ident))),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing firewalls",
            lambda: self._access.client.firewalls.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]


def _rule(rule: Rule) -> FirewallRule:
    return FirewallRule(
        direction=FirewallRule.DIRECTION_IN,
        protocol=rule.protocol,
        source_ips=list(rule.sources),
        port=rule.ports or None,
    )


def _compared(rule: FirewallRule) -> tuple[str, str, list[str]]:
    return rule.protocol, rule.port or "", sorted(rule.source_ips)
