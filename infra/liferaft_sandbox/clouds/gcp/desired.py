"""Which machines should exist, read off the whole project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.catalogue import PUBLIC_IMAGES
from liferaft_sandbox.clouds.gcp.firewall_rules import rules
from liferaft_sandbox.clouds.gcp.images import machine_id
from liferaft_sandbox.clouds.gcp.instances import ON
from liferaft_sandbox.clouds.gcp.links import path_of
from liferaft_sandbox.clouds.gcp.networks import MTU
from liferaft_sandbox.lab.machines import (
    ETHERNET,
    Attached,
    Desired,
    Disk,
    Image,
    Machine,
    PrivateNetwork,
)

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.state import Resource, State


def desired(state: State) -> Desired:
    """Subnetworks as private networks, instances as machines, data disks, own images.

    Subnetworks of one network do not reach each other here. Those of auto mode networks (also of
    the project's default network) count only while something lies in them.
    """
    instances = [i for i in state.all("instances") if not _is_leaving(state, i)]
    inhabited = {instance["networkInterfaces"][0]["subnetwork"] for instance in instances}
    return Desired(
        networks=tuple(
            PrivateNetwork(
                _network_id(subnetwork), subnetwork["ipCidrRange"], _mtu(state, subnetwork)
            )
            for subnetwork in state.all("subnetworks")
            if subnetwork["selfLink"] in inhabited or not _is_automatic(state, subnetwork)
        ),
        machines=tuple(_machine(state, instance) for instance in instances),
        disks=tuple(
            Disk(_disk_id(disk), int(disk["sizeGb"]))
            for disk in state.all("disks")
            if "sourceImage" not in disk
        ),
        images=tuple(
            Image(_image_id(image), state.image_machines[path_of(image["selfLink"])])
            for image in state.all("images")
        ),
    )


def _machine(state: State, instance: Resource) -> Machine:
    """A machine from the first moment of its instance.

    Google's Debian images run the metadata's `startup-script` at every boot and know no
    cloud-init; the lab's hosts run cloud-init, which takes the same script as `user_data` and
    runs it at the first boot only. For a script that acts once that is the same. `user-data`,
    which Google's images with cloud-init read, goes before it.
    """
    interface = instance["networkInterfaces"][0]
    subnetwork = state.resources[path_of(interface["subnetwork"])]
    metadata = _items(instance["metadata"])
    configs = interface.get("accessConfigs", [])
    return Machine(
        id=machine_id(instance),
        network=_network_id(subnetwork),
        private_address=interface["networkIP"],
        public_address=configs[0].get("natIP") if configs else None,
        hostname=instance["name"],
        user_data=(metadata.get("user-data") or metadata.get("startup-script", "")).encode(),
        running=instance["status"] in ON,
        rules=rules(state, instance),
        authorized_keys=_authorized_keys(state, metadata),
        image=_image_of(state, instance),
        disks=tuple(
            Attached(_disk_id(disk), f"google-{attached['deviceName']}")
            for attached in instance["disks"][1:]
            for disk in [state.resources[path_of(attached["source"])]]
        ),
    )


def _is_leaving(state: State, instance: Resource) -> bool:
    return state.operations.is_busy(path_of(instance["selfLink"]), "delete")


def _is_automatic(state: State, subnetwork: Resource) -> bool:
    return bool(state.resources[path_of(subnetwork["network"])]["autoCreateSubnetworks"])


def _mtu(state: State, subnetwork: Resource) -> int:
    """Jumbo frames do not exist in the sandbox."""
    network = state.resources[path_of(subnetwork["network"])]
    return min(int(network.get("mtu", MTU)), ETHERNET)


def _image_of(state: State, instance: Resource) -> str:
    """A system's name for Google's own. It stays when the image is deleted: a machine keeps its
    image."""
    boot = state.resources[path_of(instance["disks"][0]["source"])]
    public = PUBLIC_IMAGES.get(path_of(boot["sourceImage"]))
    if public is not None:
        return str(public["family"]).removesuffix("-arm64")
    return f"image-{boot['sourceImageId']}"


def _authorized_keys(state: State, metadata: dict[str, str]) -> tuple[str, ...]:
    """`ssh-keys` are lines of USER:KEY; at Google each user is made, here all are the image's one.

    https://cloud.google.com/compute/docs/connect/add-ssh-keys
    """
    said = metadata.get("ssh-keys", "")
    if metadata.get("block-project-ssh-keys", "").lower() != "true":
        said += "\n" + _items(state.metadata).get("ssh-keys", "")
    lines = [line.strip() for line in said.splitlines() if ":" in line]
    return tuple(line.partition(":")[2].strip() for line in lines)


def _items(metadata: Resource) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in metadata.get("items", ())}


def _network_id(subnetwork: Resource) -> str:
    return f"subnetwork-{subnetwork['id']}"


def _disk_id(disk: Resource) -> str:
    return f"disk-{disk['id']}"


def _image_id(image: Resource) -> str:
    return f"image-{image['id']}"
