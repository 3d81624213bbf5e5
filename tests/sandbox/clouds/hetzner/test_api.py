"""The API's manners: errors, pages, selectors, limits, suspension, log."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hcloud import APIException

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud


def key(number: int) -> str:
    name = b"ssh-ed25519"
    blob = len(name).to_bytes(4) + name + (32).to_bytes(4) + number.to_bytes(32)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} key-{number}"


def test_the_catalogue_parses_through_the_sdk(hcloud: Client) -> None:
    types = {item.name: item for item in hcloud.server_types.get_all()}
    assert set(types) == {"cx22", "cx23", "cpx11", "cpx21", "ccx13", "ccx23", "cax11"}
    cx23 = types["cx23"]
    assert (cx23.cores, cx23.memory, cx23.architecture) == (2, 4.0, "x86")
    assert cx23.prices is not None
    assert float(cx23.prices[0]["price_hourly"]["net"]) > 0
    assert {place.location.name for place in cx23.locations or []} == {"fsn1", "nbg1", "hel1"}
    image = hcloud.images.get_by_name_and_architecture("debian-12", "x86")
    assert image is not None
    assert (image.os_flavor, image.os_version) == ("debian", "12")
    assert {image.name for image in hcloud.images.get_all()} == {
        "debian-12",
        "debian-13",
        "ubuntu-24.04",
    }
    location = hcloud.locations.get_by_name("fsn1")
    assert location is not None
    assert location.network_zone == "eu-central"


def test_every_wrong_field_is_named_at_once(cloud: Cloud) -> None:
    answer = cloud.ask(
        "POST", "/servers", {"name": "not a hostname", "colour": "blue", "networks": ["private"]}
    )
    assert cloud.problems(answer) == {
        "colour": ["Unknown field."],
        "name": ["Not a valid hostname."],
        "server_type": ["Missing data for required field."],
        "image": ["Missing data for required field."],
        "networks": ["Not a valid integer."],
    }


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/networks", {"name": "n", "ip_range": "192.0.2.0/24"}, "ip_range"),
        ("/networks", {"name": "n", "ip_range": "10.0.0.1/8"}, "ip_range"),
        ("/ssh_keys", {"name": "k", "public_key": "ssh-ed25519 nonsense"}, "public_key"),
        ("/primary_ips", {"name": "p", "type": "ipv5", "location": "fsn1"}, "type"),
        ("/primary_ips", {"name": "p", "type": "ipv4"}, "location"),
        ("/volumes", {"name": "v", "size": 1, "location": "fsn1"}, "size"),
        ("/firewalls", {"name": "f", "labels": {"a b": "c"}}, "labels"),
        (
            "/firewalls",
            {
                "name": "f",
                "rules": [{"direction": "in", "protocol": "tcp", "source_ips": ["0.0.0.0/0"]}],
            },
            "rules[0].port",
        ),
        (
            "/firewalls",
            {"name": "f", "rules": [{"direction": "in", "protocol": "tcp", "port": "22"}]},
            "rules[0].source_ips",
        ),
    ],
)
def test_a_wrong_value_is_refused(
    cloud: Cloud, path: str, body: dict[str, Any], field: str
) -> None:
    assert list(cloud.problems(cloud.ask("POST", path, body))) == [field]


def test_a_name_is_unique_among_its_kind(hcloud: Client) -> None:
    hcloud.ssh_keys.create("operator", key(1))
    with pytest.raises(APIException) as refused:
        hcloud.ssh_keys.create("operator", key(2))
    assert refused.value.code == "uniqueness_error"
    with pytest.raises(APIException) as refused:
        hcloud.ssh_keys.create("other", key(1))
    assert refused.value.code == "uniqueness_error"


def test_lists_come_in_pages(cloud: Cloud, hcloud: Client) -> None:
    for number in range(60):
        hcloud.ssh_keys.create(f"key-{number:02}", key(number))
    result = hcloud.ssh_keys.get_list(page=2, per_page=25)
    assert result.meta.pagination is not None
    assert len(result.ssh_keys) == 25
    assert result.meta.pagination.next_page == 3
    assert result.meta.pagination.total_entries == 60
    assert len(hcloud.ssh_keys.get_all()) == 60
    assert len(cloud.ask("GET", "/ssh_keys?per_page=100").json()["ssh_keys"]) == 50
    assert cloud.problems(cloud.ask("GET", "/ssh_keys?page=0")).keys() == {"page"}
    names = [
        item["name"]
        for item in cloud.ask("GET", "/ssh_keys?sort=name:desc&per_page=2").json()["ssh_keys"]
    ]
    assert names == ["key-59", "key-58"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("site=one", {"a", "b"}),
        ("site==one,group=db", {"a"}),
        ("site!=one", {"c"}),
        ("group", {"a", "c"}),
        ("!group", {"b"}),
        ("site in (one,two),group in (db)", {"a", "c"}),
        ("site notin (one)", {"c"}),
    ],
)
def test_label_selectors_select(hcloud: Client, selector: str, found: set[str]) -> None:
    labels = {
        "a": {"site": "one", "group": "db"},
        "b": {"site": "one"},
        "c": {"site": "two", "group": "db"},
    }
    for number, (name, own) in enumerate(labels.items()):
        hcloud.ssh_keys.create(name, key(number), labels=own)
    chosen = hcloud.ssh_keys.get_all(label_selector=selector)
    assert {item.name for item in chosen} == found


@pytest.mark.fidelity
def test_names_and_labels_can_be_changed(hcloud: Client) -> None:
    created = hcloud.ssh_keys.create("old", key(1))
    hcloud.ssh_keys.update(created, name="new", labels={"epoch": "1"})
    found = hcloud.ssh_keys.get_by_name("new")
    assert found is not None
    assert found.labels == {"epoch": "1"}
    hcloud.ssh_keys.delete(found)
    assert hcloud.ssh_keys.get_by_name("new") is None


def test_what_does_not_exist_is_not_found(cloud: Cloud, hcloud: Client) -> None:
    with pytest.raises(APIException) as refused:
        hcloud.servers.get_by_id(1)
    assert refused.value.code == "not_found"
    assert cloud.ask("GET", "/everything").status_code == 404
    assert cloud.ask("PATCH", "/servers").status_code == 405
    assert hcloud.load_balancers.get_all() == []


@pytest.mark.fidelity
def test_a_body_that_is_no_json_is_refused(cloud: Cloud) -> None:

    answer = requests.post(
        f"{cloud.url}/v1/servers",
        data=b"{",
        headers={"Authorization": "Bearer a-token-of-the-project"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "json_error")


def test_an_unknown_token_is_refused_byte_for_byte(cloud: Cloud) -> None:

    answer = requests.get(f"{cloud.url}/v1/servers", timeout=60)
    assert answer.status_code == 401
    assert answer.content == (
        b'{"error": {"code": "unauthorized", "message": "unable to authenticate", "details": null}}'
    )


def test_a_refused_body_does_not_disturb_the_next_request_on_the_connection(
    cloud: Cloud,
) -> None:
    with requests.Session() as session:
        url = f"{cloud.url}/v1/ssh_keys"
        for _ in range(2):
            refused = session.post(url, json={"name": "x" * 5000}, timeout=60)
            assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.fidelity
def test_prices_are_told(cloud: Cloud) -> None:
    assert cloud.ask("GET", "/pricing").json()["pricing"]["currency"] == "EUR"


def test_a_suspended_project_is_forbidden_and_its_machines_go_on(
    cloud: Cloud, hcloud: Client
) -> None:
    hcloud.ssh_keys.create("operator", key(1))
    before = cloud.machines.reconciled
    cloud.control("suspend")
    answer = cloud.ask("GET", "/servers")
    assert answer.status_code == 403
    assert answer.content == (  # assumed: nothing is documented for a locked account
        b'{"error": {"code": "forbidden", "message": "insufficient permissions for this '
        b'request", "details": null}}'
    )
    with pytest.raises(APIException) as refused:
        hcloud.ssh_keys.create("other", key(2))
    assert refused.value.code == "forbidden"
    assert cloud.machines.reconciled == before
    cloud.control("reinstate")
    assert len(hcloud.ssh_keys.get_all()) == 1


def test_the_rate_limit_is_told_kept_and_refilled(cloud: Cloud) -> None:
    first = cloud.ask("GET", "/locations")
    assert first.headers["RateLimit-Limit"] == "3600"
    assert first.headers["RateLimit-Remaining"] == "3599"
    assert first.headers["RateLimit-Reset"] == "1000001"
    cloud.now[0] += 1
    assert cloud.ask("GET", "/locations").headers["RateLimit-Remaining"] == "3599"


def test_the_access_log_names_the_request_but_not_the_token(cloud: Cloud, hcloud: Client) -> None:
    hcloud.locations.get_all()
    cloud.control("suspend")
    (row,) = (json.loads(line) for line in cloud.log.read_text().splitlines())
    digest = hashlib.sha256(b"a-token-of-the-project").hexdigest()
    assert row["key"] == f"token-{digest[:8]}"
    assert (row["operation"], row["status"]) == ("GET /v1/locations", 200)
    assert "hcloud-python" in row["user_agent"]
    assert "a-token" not in cloud.log.read_text()


@pytest.mark.fidelity
def test_an_empty_answer_does_not_say_that_it_is_json(cloud: Cloud, hcloud: Client) -> None:
    """Hetzner's own command-line tool would parse it."""
    operator = hcloud.ssh_keys.create("operator", key(1))
    gone = cloud.ask("DELETE", f"/ssh_keys/{operator.id}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert "Content-Type" not in gone.headers


@pytest.mark.fidelity
@pytest.mark.parametrize(
    "kind", ["placement_groups", "floating_ips", "load_balancers", "zones", "storage_boxes"]
)
def test_what_the_sandbox_does_not_offer_is_empty_and_says_so(cloud: Cloud, kind: str) -> None:
    assert cloud.ask("GET", f"/{kind}").json()[kind] == []
    assert cloud.ask("GET", f"/{kind}/1").status_code == 404
    refused = cloud.ask("POST", f"/{kind}", {"name": "x"})
    assert refused.json()["error"]["code"] == "unsupported_error"


@pytest.mark.fidelity
def test_a_token_without_its_scheme_opens_nothing(cloud: Cloud) -> None:
    bare = {"Authorization": "a-token-of-the-project"}
    assert requests.get(f"{cloud.url}/v1/servers", headers=bare, timeout=60).status_code == 401


@pytest.mark.fidelity
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"user_data": "\\ud800"}', b'"\xff"'])
def test_json_that_no_text_could_hold_is_refused(cloud: Cloud, body: bytes) -> None:
    headers = {"Authorization": "Bearer a-token-of-the-project"}
    answer = requests.post(f"{cloud.url}/v1/servers", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "json_error")


@pytest.mark.fidelity
def test_clients_from_before_locations_find_their_datacenters(cloud: Cloud) -> None:
    (first, *_) = cloud.ask("GET", "/datacenters?name=nbg1-dc3").json()["datacenters"]
    assert first["server_types"]["available"]
    server = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    body = {**server, "datacenter": "nbg1-dc3"}
    made = cloud.ask("POST", "/servers", body).json()["server"]
    assert (made["location"]["name"], made["datacenter"]) == ("nbg1", first)
    address = {"name": "front", "type": "ipv4", "datacenter": str(first["id"])}
    made = cloud.ask("POST", "/primary_ips", address).json()["primary_ip"]
    assert (made["location"]["name"], made["datacenter"]) == ("nbg1", first)
    server["name"] = "app-2"
    nowhere = cloud.ask("POST", "/servers", {**server, "datacenter": "mars-dc1"})
    assert cloud.problems(nowhere) == {
        "datacenter": ["datacenter with ID or name 'mars-dc1' not found"]
    }
    both = {**server, "datacenter": "nbg1-dc3", "location": "nbg1"}
    assert cloud.problems(cloud.ask("POST", "/servers", both))


@pytest.mark.fidelity
def test_what_a_server_cannot_tell_is_refused_by_name(cloud: Cloud) -> None:
    server = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    made = cloud.ask("POST", "/servers", server).json()["server"]
    refused = cloud.ask("GET", f"/servers/{made['id']}/metrics").json()["error"]
    assert refused["message"] == "the sandbox does not offer metrics of a server"
