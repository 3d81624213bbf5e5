"""Who is served, what is refused before any resource is looked at, and how lists are cut."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from tests.sandbox.clouds.gcp.conftest import PROJECT, ZONE, seed

from liferaft_sandbox.clouds.gcp.seed import Objects, Seed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.clouds.gcp.conftest import Cloud, Site

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]  # clients take seconds to load
NETWORKS = "global/networks"


def test_a_call_without_credentials_is_told_to_log_in(cloud: Cloud) -> None:
    answer = requests.get(f"{cloud.url}/compute/v1/projects/{PROJECT}/zones", timeout=60)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["message"], error["status"]) == ("Login Required.", "UNAUTHENTICATED")
    assert error["details"][0]["reason"] == "CREDENTIALS_MISSING"


@pytest.mark.parametrize("token", ["ya29.c.made-up", "a.b.c"])
def test_a_made_up_token_is_refused(cloud: Cloud, token: str) -> None:
    cloud.tokens.append(token)
    assert cloud.refused("GET", "zones")[:2] == (401, "authError")


def test_an_access_token_expires(cloud: Cloud) -> None:
    cloud.compute("GET", "zones")
    cloud.now[0] += 3601
    assert cloud.refused("GET", "zones")[:2] == (401, "authError")


def test_an_assertion_of_another_key_gets_no_token(cloud: Cloud) -> None:
    answer = cloud.grant(signed_by=Seed.make(PROJECT))
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Invalid JWT Signature.",
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "nobody@chirp-lab.iam.gserviceaccount.com"}, "invalid_grant"),
        ({"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}, "invalid_grant"),
        ({"exp": int(time.time()) + 36000}, "invalid_grant"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_an_assertion_that_is_wrong_gets_no_token(
    cloud: Cloud, changes: dict[str, Any], error: str
) -> None:
    assert cloud.grant(**changes).json()["error"] == error


def test_another_project_is_forbidden_but_debians_images_are_not(cloud: Cloud) -> None:
    other = cloud.ask("GET", f"compute/v1/projects/other/zones/{ZONE}/instances")
    assert other.status_code == 403
    family = "compute/v1/projects/debian-cloud/global/images/family/debian-12"
    image = cloud.ask("GET", family).json()
    assert (image["architecture"], image["status"]) == ("X86_64", "READY")


def test_lists_come_in_pages_and_through_filters(cloud: Cloud) -> None:
    types = f"zones/{ZONE}/machineTypes"
    names: list[str] = []
    query: dict[str, object] = {"maxResults": 40}
    while True:
        page = cloud.compute("GET", types, **query)
        names += [item["name"] for item in page["items"]]
        if "nextPageToken" not in page:
            break
        query["pageToken"] = page["nextPageToken"]
    assert names == sorted(set(names))
    assert "t2a-standard-1" not in names
    chosen = cloud.compute("GET", types, filter="(guestCpus = 2) AND (isSharedCpu = true)")
    assert [item["name"] for item in chosen["items"]] == ["e2-medium", "e2-micro", "e2-small"]


def test_a_request_id_makes_one_thing_of_two_calls(cloud: Cloud) -> None:
    body = {"name": "once", "autoCreateSubnetworks": False}
    base = f"compute/v1/projects/{PROJECT}/{NETWORKS}"
    asked = "2f6e1a9c-6a0e-4d5e-9d70-0b4d9f8a7c11"
    first = cloud.ask("POST", base, body, requestId=asked).json()
    again = cloud.ask("POST", base, body, requestId=asked.upper()).json()
    assert first["name"] == again["name"]
    assert cloud.ask("POST", base, body).status_code == 409
    assert cloud.refused("POST", NETWORKS, body, requestId="x")[1] == "invalid"


def test_a_suspended_project_hears_it_from_each_service(cloud: Cloud, site: Site) -> None:
    site.create()
    told = cloud.machines.reconciled
    cloud.control("suspend")
    answer = cloud.ask("DELETE", f"compute/v1/projects/{PROJECT}/zones/{ZONE}/instances/app-1")
    message = "Permission denied: Consumer 'projects/chirp-lab' has been suspended."
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": 403,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": "forbidden"}],
        "status": "PERMISSION_DENIED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "CONSUMER_SUSPENDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "compute.googleapis.com",
                    "consumer": f"projects/{seed().project_number}",
                },
            }
        ],
    }
    dns = cloud.ask("GET", f"dns/v1/projects/{PROJECT}/managedZones").json()["error"]
    assert dns["details"][0]["metadata"]["service"] == "dns.googleapis.com"
    objects = cloud.ask("GET", "storage/v1/b", project=PROJECT).json()["error"]
    assert objects["errors"][0]["reason"] == "accountDisabled"
    assert cloud.grant().status_code == 200
    assert cloud.machines.reconciled == told
    assert cloud.machines.only().running
    cloud.control("reinstate")
    assert cloud.compute("GET", f"zones/{ZONE}/instances/app-1")["status"] == "RUNNING"


def test_the_access_log_names_caller_operation_and_outcome(cloud: Cloud) -> None:
    cloud.compute("GET", "zones")
    cloud.refused("GET", f"{NETWORKS}/none")
    token, good, bad = (json.loads(line) for line in cloud.log.read_text().splitlines())
    assert (token["service"], token["status"]) == ("oauth2", 200)
    assert (good["service"], good["operation"], good["status"]) == (
        "compute",
        "compute.zones.list",
        200,
    )
    assert good["key"] == f"liferaft@{PROJECT}.iam.gserviceaccount.com"
    assert (bad["operation"], bad["status"]) == ("compute.networks.get", 404)
    assert cloud.token() not in cloud.log.read_text()


def test_a_seed_is_read_as_it_was_written_but_for_private_keys(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    made = Seed(PROJECT, "1", seed().service_accounts, Objects("https://o", "id", "key", "/ca"))
    file.write_text(json.dumps(made.to_json()))
    assert Seed.read(file).to_json() == made.to_json()
    assert "PRIVATE" not in file.read_text()
    assert "PRIVATE" not in repr(made)
