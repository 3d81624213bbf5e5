"""The operators' SSH key, imported as an EC2 key pair."""

from collections.abc import Sequence

from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, ours, owned, tagged
from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.kinds import SshKeyFacts, SshKeySpec


class AwsSshKey:
    """Implements Resource[SshKeySpec, SshKeyFacts]; its id is the key's name, which
    RunInstances wants and which is unique in a region."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: SshKeySpec, owner: Owner) -> SshKeyFacts:
        ec2 = self._access.ec2

        def find() -> str | None:
            rows = ec2.describe_key_pairs(Filters=by_token(owner))["KeyPairs"]
            return ours(rows[0], rows[0]["KeyName"], spec, owner) if rows else None

        def make() -> str:
            return ec2.import_key_pair(
                KeyName=owner.name(spec.name),
                PublicKeyMaterial=spec.public_key.encode(),
                TagSpecifications=tagged("key-pair", spec, owner),
            )["KeyName"]

        name = self._plane.create_once(f"importing SSH key {owner.name(spec.name)}", find, make)
        return self._plane.wait_until_listed(f"SSH key {name}", lambda: self.read(name))

    def read(self, ident: str) -> SshKeyFacts | None:
        rows = self._plane.look_up(
            f"reading SSH key {ident}",
            lambda: self._access.ec2.describe_key_pairs(KeyNames=[ident])["KeyPairs"],
        )
        return SshKeyFacts(ident) if rows else None

    def update(self, ident: str, spec: SshKeySpec) -> SshKeyFacts:
        raise no_update("aws", "ssh_key")

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting SSH key {ident}", lambda: self._access.ec2.delete_key_pair(KeyName=ident)
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing SSH keys",
            lambda: self._access.ec2.describe_key_pairs(Filters=by_app(app, site))["KeyPairs"],
        )
        return [owned(row, row["KeyName"]) for row in rows]
