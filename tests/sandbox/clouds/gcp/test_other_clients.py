"""What the simulated Google answers to other clients than liferaft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from googleapiclient import discovery, http
from tests.sandbox.clouds.gcp.conftest import PROJECT, REGION, ZONE

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud


pytestmark = [  # clients take seconds to load
    pytest.mark.sandbox,
    pytest.mark.fidelity,
    pytest.mark.timeout(600),
]
NETWORKS = "global/networks"


def test_a_path_that_no_api_has_gets_googles_page(cloud: Cloud) -> None:
    answer = cloud.ask("GET", "compute/v1/projects/p/nonsense/<x>")
    assert answer.status_code == 404
    assert "Error 404 (Not Found)!!1" in answer.text
    assert "<x>" not in answer.text


def test_a_method_that_the_sandbox_lacks_is_named(cloud: Cloud) -> None:
    status, reason, message = cloud.refused("POST", f"zones/{ZONE}/instances/x/reset")
    assert (status, reason) == (400, "unsupportedOperation")
    assert "compute.instances.reset" in message


def test_everything_that_has_no_place_in_a_body_is_said_at_once(cloud: Cloud) -> None:
    body = {"name": "n", "bogus": 1, "mtu": "many", "routingConfig": {"routingMode": "SIDEWAYS"}}
    status, reason, message = cloud.refused("POST", NETWORKS, body)
    assert (status, reason) == (400, "badRequest")
    assert message.splitlines() == [
        "Invalid JSON payload received. Unknown name \"bogus\" at 'resource': Cannot find field.",
        "Invalid value at 'resource.mtu' (TYPE_INT32), \"many\"",
        "Invalid value at 'resource.routing_config.routing_mode' (TYPE_ENUM), \"SIDEWAYS\"",
    ]


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        (NETWORKS, None, "Required field 'resource' not specified"),
        (NETWORKS, {"autoCreateSubnetworks": False}, "Required field 'resource.name'"),
        (NETWORKS, {"name": "N_1", "autoCreateSubnetworks": False}, "Must be a match of regex"),
        (NETWORKS, {"name": "default", "autoCreateSubnetworks": False}, "already exists"),
        (
            f"regions/{REGION}/subnetworks",
            {"name": "s", "network": "global/networks/none", "ipCidrRange": "10.0.0.0/24"},
            "The referenced network resource cannot be found.",
        ),
        (
            f"regions/{REGION}/subnetworks",
            {"name": "s", "network": "none", "ipCidrRange": "10.0.0.0/24"},
            "The URL is malformed.",
        ),
        ("regions/mars-west1/addresses", {"name": "a"}, "Unknown region."),
    ],
)
def test_a_body_that_cannot_be_is_refused(
    cloud: Cloud, path: str, body: object, refusal: str
) -> None:
    status, _, message = cloud.refused("POST", path, body)
    assert status in {400, 409}
    assert refusal in message


def test_query_parameters_are_the_documents(cloud: Cloud) -> None:
    assert "Cannot bind query parameter" in cloud.refused("GET", "zones", bogus="1")[2]
    assert "TYPE_UINT32" in cloud.refused("GET", "zones", maxResults="few")[2]
    assert "range" in cloud.refused("GET", "zones", maxResults="501")[2]
    detach = f"zones/{ZONE}/instances/x/detachDisk"
    assert cloud.refused("POST", detach)[2] == "Required field 'deviceName' not specified"


def test_a_batch_answers_each_of_its_calls(cloud: Cloud) -> None:
    build: Any = discovery.build
    api = {"api_endpoint": f"{cloud.url}/compute/v1/"}
    compute = build("compute", "v1", credentials=cloud.credentials(), client_options=api)
    answers: dict[str, Any] = {}

    def keep(number: str, good: Any, bad: Any) -> None:
        answers[number] = bad.status_code if bad else good["name"]

    batch = http.BatchHttpRequest(callback=keep, batch_uri=f"{cloud.url}/batch/compute/v1")
    network = {"name": "auto", "autoCreateSubnetworks": True}
    batch.add(compute.regions().get(project=PROJECT, region=REGION), request_id="there")
    batch.add(compute.regions().get(project=PROJECT, region="mars"), request_id="not there")
    batch.add(compute.networks().insert(project=PROJECT, body=network), request_id="made")
    batch.execute()
    assert (answers["there"], answers["not there"]) == (REGION, 404)
    assert answers["made"].startswith("operation-")


def test_a_list_is_cut_to_the_fields_that_are_wanted(cloud: Cloud) -> None:
    said = cloud.compute("GET", "zones", maxResults=1, fields="items(name,id),nextPageToken")
    assert said.keys() == {"items", "nextPageToken"}
    assert said["items"][0].keys() == {"name", "id"}
    nested = cloud.compute("GET", "", fields="commonInstanceMetadata/fingerprint,quotas/metric")
    assert nested["commonInstanceMetadata"].keys() == {"fingerprint"}
    assert nested["quotas"][0].keys() == {"metric"}
    every = cloud.compute("GET", "aggregated/machineTypes", fields="items/*/machineTypes/name")
    assert every["items"][f"zones/{ZONE}"]["machineTypes"][0].keys() == {"name"}


@pytest.mark.parametrize("fields", ["nosuch", "items(name", "items(nosuch)", "", ",", "a b"])
def test_fields_that_no_answer_has_are_refused_before_anything_happens(
    cloud: Cloud, fields: str
) -> None:
    body = {"name": "n", "autoCreateSubnetworks": False}
    assert cloud.refused("POST", NETWORKS, body, fields=fields)[:2] == (400, "invalidParameter")
    assert cloud.refused("GET", f"{NETWORKS}/n")[0] == 404


def test_a_verb_that_a_path_does_not_have_is_refused_in_googles_envelope(cloud: Cloud) -> None:
    assert cloud.refused("PUT", "zones")[:2] == (405, "methodNotAllowed")
    for path in (f"dns/v1/projects/{PROJECT}/managedZones", "storage/v1/b"):
        assert cloud.ask("PATCH", path).json()["error"]["code"] == 405


def test_lists_take_what_older_clients_send(cloud: Cloud) -> None:
    cloud.compute("GET", "aggregated/instances", returnPartialSuccess="True")
    assert cloud.refused("GET", "zones", returnPartialSuccess="maybe")[0] == 400


def test_what_no_handler_reads_is_refused_by_name(cloud: Cloud) -> None:
    image = "projects/debian-cloud/global/images/family/debian-12"
    body = {"name": "d", "sizeGb": "10"}
    refusal = cloud.refused("POST", f"zones/{ZONE}/disks", body, sourceImage=image)
    assert refusal[:2] == (400, "unsupportedOperation")
    assert "sourceImage of compute.disks.insert" in refusal[2]
    assert cloud.refused("GET", "zones", alt="proto")[1] == "unsupportedOperation"
    assert cloud.refused("GET", "zones", alt="xml")[:2] == (400, "invalidParameter")


def test_nonsense_is_refused_and_never_breaks_the_server(cloud: Cloud) -> None:
    assert cloud.refused("GET", "zones", pageToken="ä")[:2] == (400, "invalid")
    many = cloud.ask("GET", "storage/v1/b/x/o/y", ifGenerationMatch="many")
    assert "TYPE_INT64" in many.json()["error"]["message"]
    superscript = {"name": "f", "allowed": [{"IPProtocol": "²"}]}
    assert cloud.refused("POST", "global/firewalls", superscript)[:2] == (400, "invalid")
    deep = requests.post(
        f"{cloud.url}/compute/v1/projects/{PROJECT}/{NETWORKS}",
        data="[" * 100_000,
        headers={"Authorization": f"Bearer {cloud.token()}"},
        timeout=60,
    )
    assert (deep.status_code, deep.json()["error"]["message"]) == (400, "Parse Error")


def test_numbers_keep_within_their_types_and_fields_have_two_names(cloud: Cloud) -> None:
    body = {"name": "n", "auto_create_subnetworks": False, "mtu": 10**12}
    assert "TYPE_INT32" in cloud.refused("POST", NETWORKS, body)[2]
    cloud.compute("POST", NETWORKS, {**body, "mtu": 1400.0})
    assert cloud.compute("GET", f"{NETWORKS}/n")["mtu"] == 1400


def test_images_are_looked_for_in_every_public_project(cloud: Cloud) -> None:
    answer = cloud.ask("GET", "compute/v1/projects/ubuntu-os-cloud/global/images")
    assert (answer.status_code, "items" in answer.json()) == (200, False)
