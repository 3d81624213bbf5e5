"""Somebody else's machines as a Cloud."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds import boto_errors
from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Allowance
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.credentials import need
from liferaft.clouds.inventory import Inventory, ObjectStore
from liferaft.clouds.s3 import S3Account, S3Bucket
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.clouds.ssh import sizes
from liferaft.clouds.ssh.address import SshAddress
from liferaft.clouds.ssh.choosing import outages
from liferaft.clouds.ssh.machines import KEY_FILE, Machines
from liferaft.clouds.ssh.record import Record
from liferaft.clouds.ssh.server import SshServer
from liferaft.failures import BadInput

if TYPE_CHECKING:
    from liferaft.clouds.contract import Resource


class Ssh:
    """Implements Cloud. Credentials are LIFERAFT_SSH_KEY_FILE, the path of a private key; with an
    object store LIFERAFT_S3_ACCESS_KEY_ID, LIFERAFT_S3_SECRET_ACCESS_KEY and, where it applies,
    LIFERAFT_CA_FILE. Touches no network when made."""

    name = "ssh"

    def __init__(
        self,
        region: str,
        credentials: Mapping[str, str],
        patience: Patience,
        inventory: Inventory,
    ) -> None:
        need(credentials, self.name, KEY_FILE)
        if not inventory.machines:
            raise BadInput(
                f"ssh {region} has no machines",
                safe="Nothing was touched.",
                do="Declare them in sites.<site>.machines.",
            )
        self.region = region
        self._machines = Machines(region, inventory, credentials, patience)
        self.kinds: dict[str, Resource[Any, Any]] = {
            "address": SshAddress(self._machines),
            "server": SshServer(self._machines),
        }
        if inventory.objects is not None:
            self.kinds["bucket"] = _bucket(inventory.objects, credentials, patience)

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return sizes.choose(self.region, self._machines.inventory, wanted)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return Allowance()

    def account(self) -> str:
        """Asks all machines. Some that do not answer are told; none that does is an outage."""
        answers = self._machines.read_all()
        silent = outages(answers)
        if len(silent) == len(answers):
            raise silent[0]
        said = ", ".join(f"{name} {_standing(answer)}" for name, answer in answers.items())
        login = self._machines.inventory.login
        return f"{len(answers)} machines at {self.region} as {login}: {said}"


def _standing(answer: Record | CloudFailure) -> str:
    if isinstance(answer, CloudFailure):
        return answer.classification.code
    held = answer.server or answer.address
    return "free" if held is None else f"held by {held.name}"


def _bucket(store: ObjectStore, credentials: Mapping[str, str], patience: Patience) -> S3Bucket:
    plane = boto_errors.control_plane("ssh", patience)
    account = S3Account(
        region=store.region,
        access_key_id=need(credentials, "ssh", "LIFERAFT_S3_ACCESS_KEY_ID"),
        secret_access_key=need(credentials, "ssh", "LIFERAFT_S3_SECRET_ACCESS_KEY"),
        endpoint=store.endpoint,
        ca_file=credentials.get("LIFERAFT_CA_FILE"),
    )
    return S3Bucket(plane, account, store.endpoint)
