"""The life of an instance, and what the supervisor is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clouds.gcp.conftest import PROJECT, REGION, ZONE

from liferaft_sandbox.lab.machines import Attached, Disk, Image, Rule

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # Google's clients take seconds to load
INSTANCES = f"zones/{ZONE}/instances"
ONE = f"{INSTANCES}/app-1"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V0nTqSkUkgsPcBsDAUz1AkfUP1Ip1hVLo6oRh2gMp op"


def disk(cloud: Cloud, name: str = "data", size: int = 5) -> dict[str, Any]:
    cloud.compute("POST", f"zones/{ZONE}/disks", {"name": name, "sizeGb": size})
    return cloud.compute("GET", f"zones/{ZONE}/disks/{name}")


def test_an_instance_is_starting_until_its_machine_runs(cloud: Cloud, site: Site) -> None:
    cloud.machines.held_back = True
    operation = cloud.ask(
        "POST", f"compute/v1/projects/{PROJECT}/{INSTANCES}", site.instance()
    ).json()
    assert (operation["status"], operation["operationType"]) == ("PENDING", "insert")
    assert cloud.compute("GET", ONE)["status"] == "STAGING"
    path = f"zones/{ZONE}/operations/{operation['name']}"
    assert cloud.compute("GET", path)["status"] == "RUNNING"
    cloud.machines.boot()
    done = cloud.compute("GET", path)
    assert (done["status"], done["progress"], done["targetLink"]) == (
        "DONE",
        100,
        cloud.compute("GET", ONE)["selfLink"],
    )
    assert cloud.compute("GET", ONE)["status"] == "RUNNING"


def test_a_machine_gets_what_the_call_carried(cloud: Cloud, site: Site) -> None:
    script = "#!/bin/sh\necho 'äöü'\n"
    items = [
        {"key": "startup-script", "value": script},
        {"key": "ssh-keys", "value": f"op:{KEY}"},
    ]
    shown = site.create(metadata={"items": items})
    machine = cloud.machines.only()
    assert machine.user_data == script.encode()
    assert machine.authorized_keys == (KEY,)
    assert (machine.hostname, machine.image, machine.disks) == ("app-1", "debian-12", ())
    assert machine.private_address == "10.30.0.2" == shown["networkInterfaces"][0]["networkIP"]
    assert machine.public_address == site.address == "198.18.30.100"
    assert machine.rules == (
        Rule("tcp", 22, 22, ("0.0.0.0/0",)),
        Rule("tcp", 80, 81, ("0.0.0.0/0",)),
    )
    address = cloud.compute("GET", f"regions/{REGION}/addresses/front")
    assert (address["status"], address["users"]) == ("IN_USE", [shown["selfLink"]])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"machineType": f"zones/{ZONE}/machineTypes/e9-huge"}, "does not exist"),
        ({"machineType": f"zones/{ZONE}/machineTypes/t2a-standard-1"}, "does not exist"),
        ({"machineType": "zones/europe-west1-b/machineTypes/e2-small"}, "does not exist"),
        ({"disks": []}, "boot disk"),
        (
            {"disks": [{"boot": True, "initializeParams": {"sourceImage": "global/images/none"}}]},
            "The referenced image resource cannot be found.",
        ),
        ({"networkInterfaces": []}, "At least one network interface is required."),
        (
            {"networkInterfaces": [{"network": "global/networks/private"}]},
            "Subnetwork should be specified for custom subnetmode network",
        ),
        ({"labels": {"App": "x"}}, "violates format constraints"),
        (
            {"metadata": {"items": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}},
            "duplicate keys",
        ),
        ({"metadata": {"items": [{"key": "startup-script", "value": "x" * 262145}]}}, "larger"),
        ({"tags": {"items": ["Web!"]}}, "Must be a match of regex"),
        ({"guestAccelerators": [{"acceleratorCount": 1}]}, "sandbox has no guestAccelerators"),
    ],
)
def test_an_instance_that_cannot_be_leaves_nothing_behind(
    cloud: Cloud, site: Site, changes: dict[str, Any], refusal: str
) -> None:
    _, _, message = cloud.refused("POST", INSTANCES, site.instance(**changes))
    assert refusal in message
    assert "items" not in cloud.compute("GET", INSTANCES)
    assert "items" not in cloud.compute("GET", f"zones/{ZONE}/disks")
    assert cloud.compute("GET", f"regions/{REGION}/addresses/front")["status"] == "RESERVED"


def test_a_name_is_given_once(cloud: Cloud, site: Site) -> None:
    site.create()
    refused = cloud.refused("POST", INSTANCES, site.instance())
    assert refused == (
        409,
        "alreadyExists",
        f"The resource 'projects/{PROJECT}/{ONE}' already exists",
    )


def test_where_there_is_no_room_the_operation_says_so(cloud: Cloud, site: Site) -> None:
    cloud.control("stockout", zone=ZONE, machine_type="e2-standard-2")
    done = cloud.compute("POST", INSTANCES, site.instance())
    assert done["error"]["errors"][0]["code"] == "ZONE_RESOURCE_POOL_EXHAUSTED"
    assert done["httpErrorStatusCode"] == 503
    assert cloud.refused("GET", ONE)[0] == 404
    assert cloud.machines.all() == ()
    cloud.control("restock")
    site.create()


def test_a_region_has_only_so_many_cpus(cloud: Cloud, site: Site) -> None:
    large = f"zones/{ZONE}/machineTypes/n2-standard-80"
    refused = cloud.refused("POST", INSTANCES, site.instance(machineType=large))
    assert refused[:2] == (403, "quotaExceeded")


def test_only_a_stopped_instance_takes_another_type(cloud: Cloud, site: Site) -> None:
    site.create()
    wanted = {"machineType": f"zones/{ZONE}/machineTypes/n2-standard-4"}
    assert cloud.refused("POST", f"{ONE}/setMachineType", wanted)[1] == "resourceNotReady"
    cloud.compute("POST", f"{ONE}/stop")
    assert cloud.compute("GET", ONE)["status"] == "TERMINATED"
    assert not cloud.machines.only().running
    cloud.compute("POST", f"{ONE}/setMachineType", wanted)
    cloud.compute("POST", f"{ONE}/start")
    shown = cloud.compute("GET", ONE)
    assert (shown["status"], shown["machineType"].split("/")[-1]) == ("RUNNING", "n2-standard-4")
    assert cloud.machines.only().public_address == site.address


def test_an_ephemeral_address_goes_with_a_stop(cloud: Cloud, site: Site) -> None:
    interface = {**site.instance()["networkInterfaces"][0], "accessConfigs": [{}]}
    site.create(networkInterfaces=[interface])
    assert cloud.machines.only().public_address == "198.18.30.101"
    cloud.compute("POST", f"{ONE}/stop")
    assert cloud.machines.only().public_address is None
    cloud.compute("POST", f"{ONE}/start")
    assert cloud.machines.only().public_address == "198.18.30.102"


@pytest.mark.fidelity
def test_an_access_config_moves_the_reserved_address(cloud: Cloud, site: Site) -> None:
    site.create()
    query = {"accessConfig": "External NAT", "networkInterface": "nic0"}
    cloud.compute("POST", f"{ONE}/deleteAccessConfig", **query)
    assert cloud.machines.only().public_address is None
    config = {"natIP": site.address}
    cloud.compute("POST", f"{ONE}/addAccessConfig", config, networkInterface="nic0")
    assert cloud.machines.only().public_address == site.address
    again = cloud.refused("POST", f"{ONE}/addAccessConfig", config, networkInterface="nic0")
    assert "At most one access config" in again[2]


def test_a_private_address_can_be_chosen_once(cloud: Cloud, site: Site) -> None:
    interface = {**site.instance()["networkInterfaces"][0], "networkIP": "10.30.0.9"}
    site.create(networkInterfaces=[interface])
    assert cloud.machines.only().private_address == "10.30.0.9"
    del interface["accessConfigs"]
    body = site.instance("app-2", networkInterfaces=[interface])
    assert cloud.refused("POST", INSTANCES, body)[1] == "ipInUseByAnotherResource"
    interface["networkIP"] = "10.30.0.1"
    assert "outside" in cloud.refused("POST", INSTANCES, body)[2]


def test_a_disk_is_attached_grown_and_detached(cloud: Cloud, site: Site) -> None:
    site.create()
    number = f"disk-{disk(cloud)['id']}"
    body = {"source": f"zones/{ZONE}/disks/data", "deviceName": "data"}
    cloud.compute("POST", f"{ONE}/attachDisk", body)
    assert cloud.machines.only().disks == (Attached(number, "google-data"),)
    assert cloud.refused("POST", f"{ONE}/attachDisk", body)[1] == "resourceInUseByAnotherResource"
    used = cloud.refused("DELETE", f"zones/{ZONE}/disks/data")
    assert used[1] == "resourceInUseByAnotherResource"
    cloud.compute("POST", f"zones/{ZONE}/disks/data/resize", {"sizeGb": "8"})
    assert cloud.machines.told().disks == (Disk(number, 8),)
    smaller = cloud.refused("POST", f"zones/{ZONE}/disks/data/resize", {"sizeGb": "7"})
    assert "must be larger than existing size '8' GiB" in smaller[2]
    cloud.compute("POST", f"{ONE}/detachDisk", deviceName="data")
    assert cloud.machines.only().disks == ()
    cloud.compute("DELETE", f"zones/{ZONE}/disks/data")
    assert not cloud.machines.told().disks


def test_an_instance_takes_only_what_is_its_own_along(cloud: Cloud, site: Site) -> None:
    disk(cloud)
    boot = site.instance()["disks"][0]
    site.create(disks=[boot, {"source": f"zones/{ZONE}/disks/data"}])
    assert cloud.machines.only().disks[0].link == "google-persistent-disk-1"
    cloud.compute("DELETE", ONE)
    assert cloud.machines.all() == ()
    left = cloud.compute("GET", f"zones/{ZONE}/disks")["items"]
    assert [(item["name"], item.get("users")) for item in left] == [("data", None)]


def test_an_image_of_a_stopped_machine_is_what_the_next_boots_from(
    cloud: Cloud, site: Site
) -> None:
    first = site.create()
    body = {"name": "ours", "sourceDisk": f"zones/{ZONE}/disks/app-1", "family": "ours"}
    assert cloud.refused("POST", "global/images", body)[1] == "resourceInUseByAnotherResource"
    cloud.compute("POST", f"{ONE}/stop")
    cloud.compute("POST", "global/images", body)
    image = cloud.compute("GET", "global/images/family/ours")
    assert cloud.machines.told().images == (
        Image(f"image-{image['id']}", f"instance-{first['id']}"),
    )
    cloud.compute("DELETE", ONE)
    boot = {"boot": True, "initializeParams": {"sourceImage": "global/images/ours"}}
    site.create("app-2", disks=[boot])
    assert cloud.machines.only().image == f"image-{image['id']}"
    cloud.compute("DELETE", "global/images/ours")
    assert not cloud.machines.told().images


@pytest.mark.fidelity
def test_metadata_and_tags_change_only_with_their_fingerprints(cloud: Cloud, site: Site) -> None:
    shown = site.create()
    tags = {"items": ["db"], "fingerprint": shown["tags"]["fingerprint"]}
    cloud.compute("POST", f"{ONE}/setTags", tags)
    assert cloud.machines.only().rules == ()
    assert cloud.refused("POST", f"{ONE}/setTags", tags)[:2] == (412, "conditionNotMet")
    items = [{"key": "ssh-keys", "value": f"op:{KEY}"}]
    wrong = {"items": items, "fingerprint": "AAAA"}
    assert cloud.refused("POST", f"{ONE}/setMetadata", wrong)[1] == "conditionNotMet"


@pytest.mark.fidelity
def test_the_projects_keys_are_let_in_unless_blocked(cloud: Cloud, site: Site) -> None:
    mark = cloud.compute("GET", "")["commonInstanceMetadata"]["fingerprint"]
    items = [{"key": "ssh-keys", "value": f"op:{KEY}"}]
    said = {"items": items, "fingerprint": mark}
    cloud.compute("POST", "setCommonInstanceMetadata", said)
    site.create()
    assert cloud.machines.only().authorized_keys == (KEY,)
    mark = cloud.compute("GET", ONE)["metadata"]["fingerprint"]
    block = [{"key": "block-project-ssh-keys", "value": "TRUE"}]
    cloud.compute("POST", f"{ONE}/setMetadata", {"items": block, "fingerprint": mark})
    assert cloud.machines.only().authorized_keys == ()


def test_all_zones_are_listed_at_once(cloud: Cloud, site: Site) -> None:
    site.create()
    found = cloud.compute("GET", "aggregated/instances")["items"]
    assert [item["name"] for item in found[f"zones/{ZONE}"]["instances"]] == ["app-1"]
    assert found["zones/us-east1-b"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"
