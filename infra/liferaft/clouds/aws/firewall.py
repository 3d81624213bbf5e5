"""A firewall: a security group whose inbound rules are exactly those of the spec."""

from collections.abc import Sequence
from typing import Any

from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, owned, tagged
from liferaft.clouds.contract import Owned, Owner, TakenByAnotherSpec
from liferaft.clouds.kinds import FirewallFacts, FirewallSpec, Rule

Row = tuple[str, int, int, str]
"""Protocol, first port, last port, source: what makes two rules the same to EC2."""


class AwsFirewall:
    """Implements Resource[FirewallSpec, FirewallFacts]."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: FirewallSpec, owner: Owner) -> FirewallFacts:
        ec2 = self._access.ec2

        def find() -> str | None:
            rows = ec2.describe_security_groups(Filters=by_token(owner))["SecurityGroups"]
            if rows and rows[0].get("VpcId") != spec.network_id:
                raise TakenByAnotherSpec("aws", owner.name(spec.name), rows[0]["GroupId"])
            return rows[0]["GroupId"] if rows else None

        def make() -> str:
            return ec2.create_security_group(
                GroupName=owner.name(spec.name),
                Description=f"{spec.name} of {owner.app} at {owner.site}",
                VpcId=spec.network_id,
                TagSpecifications=tagged("security-group", spec, owner),
            )["GroupId"]

        group = self._plane.create_once(f"creating firewall {owner.name(spec.name)}", find, make)
        facts = self.update(group, spec)
        self._plane.wait_until_listed(f"firewall {group}", lambda: self.read(group))
        return facts

    def read(self, ident: str) -> FirewallFacts | None:
        return None if self._group(ident) is None else FirewallFacts(ident)

    def update(self, ident: str, spec: FirewallSpec) -> FirewallFacts:
        """New rules are let in before old ones are shut, so that nothing is cut in between."""
        ec2 = self._access.ec2

        def converge() -> None:
            group = ec2.describe_security_groups(GroupIds=[ident])["SecurityGroups"][0]
            there, wanted = _rows_of(group["IpPermissions"]), _wanted(spec.rules)
            if missing := sorted(wanted - there):
                ec2.authorize_security_group_ingress(
                    GroupId=ident, IpPermissions=[_permission(row) for row in missing]
                )
            if surplus := sorted(there - wanted):
                ec2.revoke_security_group_ingress(
                    GroupId=ident, IpPermissions=[_permission(row) for row in surplus]
                )

        self._plane.ensure(f"setting the rules of firewall {ident}", converge)
        return FirewallFacts(ident)

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting firewall {ident}",
            lambda: self._access.ec2.delete_security_group(GroupId=ident),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing firewalls",
            lambda: self._access.ec2.describe_security_groups(Filters=by_app(app, site)),
        )["SecurityGroups"]
        return [owned(row, row["GroupId"]) for row in rows]

    def _group(self, ident: str) -> Any | None:
        rows = self._plane.look_up(
            f"reading firewall {ident}",
            lambda: self._access.ec2.describe_security_groups(GroupIds=[ident])["SecurityGroups"],
        )
        return rows[0] if rows else None


def _wanted(rules: Sequence[Rule]) -> set[Row]:
    rows: set[Row] = set()
    for rule in rules:
        # For ICMP the two numbers are type and code; -1 is all of them.
        first, _, last = rule.ports.rpartition("-") if rule.ports else ("", "", "-1")
        start = int(first or last)
        rows |= {(rule.protocol, start, int(last), source) for source in rule.sources}
    return rows


def _rows_of(permissions: Sequence[Any]) -> set[Row]:
    return {
        (row["IpProtocol"], row.get("FromPort", -1), row.get("ToPort", -1), block["CidrIp"])
        for row in permissions
        for block in row.get("IpRanges", [])
    }


def _permission(row: Row) -> Any:
    protocol, first, last, source = row
    return {
        "IpProtocol": protocol,
        "FromPort": first,
        "ToPort": last,
        "IpRanges": [{"CidrIp": source}],
    }
