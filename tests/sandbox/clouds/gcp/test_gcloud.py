"""What gcloud asks in its own manner, sent here without it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clouds.gcp.conftest import PROJECT, REGION, SESSION, ZONE, seed

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud, Site

pytestmark = [pytest.mark.sandbox, pytest.mark.fidelity]  # Google's clients take seconds to load
BUCKET = "chirp-media"


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    said = {"name": BUCKET, "location": REGION}
    assert cloud.ask("POST", "storage/v1/b", said, project=PROJECT).status_code == 200
    return BUCKET


def upload(cloud: Cloud, name: str, metadata: str = "{}") -> int:
    """An upload as apitools writes it: the boundary in single quotes, lines that end bare."""
    boundary = "===============3249363996984490011=="
    said = f'{{"bucket": "{BUCKET}", "name": "{name}", "metadata": {metadata}}}'
    parts = (f"Content-Type: application/json\n\n{said}", "Content-Type: text/plain\n\nhello\n")
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--"
    headers = {
        "Authorization": f"Bearer {cloud.token()}",
        "Content-Type": f"multipart/related; boundary={boundary!r}",
    }
    url = f"{cloud.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=multipart"
    return SESSION.post(url, data=body, headers=headers, timeout=10).status_code


def test_a_family_of_images_is_known_as_a_zone_sees_it(cloud: Cloud, site: Site) -> None:
    image = f"{cloud.url}/compute/v1/projects/debian-cloud/zones/-/imageFamilyViews/debian-12"
    disk = {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image}}
    site.create(disks=[disk])
    made = cloud.compute("GET", f"zones/{ZONE}/disks/app-1")
    assert made["sourceImage"].endswith("/debian-cloud/global/images/debian-12-bookworm-v20261110")


def test_the_default_service_account_is_shown_by_its_name(site: Site) -> None:
    scopes = ["https://www.googleapis.com/auth/devstorage.read_only"]
    shown = site.create(serviceAccounts=[{"email": "default", "scopes": scopes}])
    email = f"{seed().project_number}-compute@developer.gserviceaccount.com"
    assert shown["serviceAccounts"] == [{"email": email, "scopes": scopes}]
    assert "serviceAccounts" not in site.create("app-2", networkInterfaces=[{}])


def test_operations_of_all_scopes_are_listed_at_once(cloud: Cloud, site: Site) -> None:
    site.create()
    scopes = cloud.compute("GET", "aggregated/operations", includeAllScopes="True")["items"]
    types = {
        scope: [one["operationType"] for one in said.get("operations", [])]
        for scope, said in scopes.items()
    }
    assert types["global"] == types[f"regions/{REGION}"] == ["insert", "insert"]
    assert types[f"zones/{ZONE}"] == ["insert"]
    assert scopes["zones/us-east1-b"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"


def test_types_of_disks_are_listed_for_all_zones(cloud: Cloud) -> None:
    scopes = cloud.compute("GET", "aggregated/diskTypes")["items"]
    assert "pd-ssd" in [one["name"] for one in scopes[f"zones/{ZONE}"]["diskTypes"]]
    assert "regions/europe-west3" not in scopes


@pytest.mark.parametrize(
    "project",
    ["oracle-linux-cloud", "rocky-linux-accelerator-cloud", "ubuntu-os-accelerator-images"],
)
def test_gclouds_own_list_of_public_projects_may_be_looked_through(
    cloud: Cloud, project: str
) -> None:
    assert cloud.ask("GET", f"compute/v1/projects/{project}/global/images").status_code == 200


@pytest.mark.parametrize("number", range(12))
def test_fingerprints_come_back_from_who_reads_them_as_bytes(cloud: Cloud, number: int) -> None:
    cloud.compute("POST", f"regions/{REGION}/addresses", {"name": "front"})
    path = f"regions/{REGION}/addresses/front"
    for labels in ({"n": str(number)}, {}):
        said = cloud.compute("GET", path)["labelFingerprint"]
        read = base64.urlsafe_b64encode(base64.urlsafe_b64decode(said)).decode()
        body = {"labels": labels, "labelFingerprint": read}
        cloud.compute("POST", f"{path}/setLabels", body)


def test_machine_types_of_ones_own_making_are_refused_by_name(cloud: Cloud, site: Site) -> None:
    kinds = f"zones/{ZONE}/machineTypes"
    for name in ("custom-2-4096", "n2-custom-2-4096"):
        body = site.instance(machineType=f"{kinds}/{name}")
        for refused in (
            cloud.refused("GET", f"{kinds}/{name}"),
            cloud.refused("POST", f"zones/{ZONE}/instances", body),
        ):
            assert refused[:2] == (400, "unsupportedOperation")
            assert "custom machine types" in refused[2]


def test_a_refusal_names_the_permission_rather_than_the_method(cloud: Cloud) -> None:
    answer = cloud.ask("GET", "compute/v1/projects/other/aggregated/instances")
    said = "Required 'compute.instances.list' permission for 'projects/other'"
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, said)


@pytest.mark.usefixtures("site")
def test_a_networks_routing_changes_in_place(cloud: Cloud) -> None:
    mode = {"routingConfig": {"routingMode": "GLOBAL"}}
    cloud.compute("PATCH", "global/networks/private", mode)
    shown = cloud.compute("GET", "global/networks/private")
    assert (shown["name"], shown["routingConfig"]["routingMode"]) == ("private", "GLOBAL")
    automatic = {"autoCreateSubnetworks": True}
    refused = cloud.refused("PATCH", "global/networks/private", automatic)
    assert (refused[0], "autoCreateSubnetworks" in refused[2]) == (400, True)


@pytest.mark.usefixtures("site")
def test_a_subnetworks_access_to_google_is_kept(cloud: Cloud) -> None:
    one = f"regions/{REGION}/subnetworks/private"
    wanted = {"privateIpGoogleAccess": True}
    cloud.compute("POST", f"{one}/setPrivateIpGoogleAccess", wanted)
    assert cloud.compute("GET", one)["privateIpGoogleAccess"] is True


@pytest.mark.usefixtures("site")
def test_what_is_not_offered_is_no_failure_that_passes(cloud: Cloud) -> None:
    for path in ("expandIpCidrRange", "setIamPolicy"):
        whole = f"regions/{REGION}/subnetworks/private/{path}"
        assert cloud.refused("POST", whole, {})[:2] == (400, "unsupportedOperation")


def test_an_upload_may_quote_its_boundary_in_single_quotes(cloud: Cloud, bucket: str) -> None:
    assert upload(cloud, "hello.txt") == 200
    content = cloud.ask("GET", f"download/storage/v1/b/{bucket}/o/hello.txt", alt="media")
    assert content.text == "hello\n"


def test_a_buckets_layout_has_no_real_folders(cloud: Cloud, bucket: str) -> None:
    said: dict[str, Any] = cloud.ask("GET", f"storage/v1/b/{bucket}/storageLayout").json()
    assert said["hierarchicalNamespace"] == {"enabled": False}
    assert (said["location"], said["locationType"]) == ("EUROPE-WEST3", "region")
    assert cloud.ask("GET", "storage/v1/b/none-here/storageLayout").status_code == 404


@pytest.mark.parametrize(
    "said",
    [{"hierarchicalNamespace": {"enabled": True}}, {"retentionPolicy": {"retentionPeriod": 9}}],
)
def test_what_a_bucket_cannot_do_here_is_not_promised(cloud: Cloud, said: dict[str, Any]) -> None:
    answer = cloud.ask("POST", "storage/v1/b", {"name": BUCKET, **said}, project=PROJECT)
    assert (answer.status_code, next(iter(said)) in answer.json()["error"]["message"]) == (
        400,
        True,
    )
    assert cloud.ask("GET", f"storage/v1/b/{BUCKET}").status_code == 404


def test_a_bucket_has_no_managed_folders(cloud: Cloud, bucket: str) -> None:
    answer = cloud.ask("GET", f"storage/v1/b/{bucket}/managedFolders")
    assert answer.json() == {"kind": "storage#managedFolders"}


def test_fields_of_one_message_may_each_be_said_by_their_whole_path(
    cloud: Cloud, bucket: str
) -> None:
    upload(cloud, "hello.txt", '{"goog-reserved-file-mtime": "1", "other": "2"}')
    keys = ("goog-reserved-file-mtime", "goog-reserved-posix-uid")
    fields = ",".join(["items/name", *(f"items/metadata/{key}" for key in keys)])
    (item,) = cloud.ask("GET", f"storage/v1/b/{bucket}/o", fields=fields).json()["items"]
    assert item == {"name": "hello.txt", "metadata": {"goog-reserved-file-mtime": "1"}}


def test_what_is_composed_has_a_checksum_of_its_own(cloud: Cloud, bucket: str) -> None:
    upload(cloud, "one")
    path = f"storage/v1/b/{bucket}/o"
    first = cloud.ask("GET", f"{path}/one").json()
    destination = {key: first[key] for key in ("contentType", "crc32c", "md5Hash")}
    sources = {"sourceObjects": [{"name": "one"}] * 2, "destination": destination}
    made = cloud.ask("POST", f"{path}/two/compose", sources).json()
    assert made["size"] == "12"
    assert made["crc32c"] != first["crc32c"]
