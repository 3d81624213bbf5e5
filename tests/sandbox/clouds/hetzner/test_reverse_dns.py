"""Reverse DNS entries of primary IPs and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.clouds.hetzner.conftest import Cloud

pytestmark = pytest.mark.fidelity


def change(cloud: Cloud, path: str, **body: Any) -> Any:
    return cloud.ask("POST", f"{path}/actions/change_dns_ptr", body)


def test_an_address_has_the_name_that_it_was_given(cloud: Cloud) -> None:
    wanted = {"name": "front", "type": "ipv4", "location": "fsn1"}
    ip = cloud.ask("POST", "/primary_ips", wanted).json()["primary_ip"]
    path, address = f"/primary_ips/{ip['id']}", ip["ip"]
    assert ip["dns_ptr"][0]["dns_ptr"] == f"static.{address}.clients.your-server.de"
    assert change(cloud, path, ip=address, dns_ptr="app.example.com").status_code == 201
    named = cloud.ask("GET", path).json()["primary_ip"]["dns_ptr"]
    assert named == [{"ip": address, "dns_ptr": "app.example.com"}]
    change(cloud, path, ip=address, dns_ptr=None)
    assert cloud.ask("GET", path).json()["primary_ip"]["dns_ptr"] == ip["dns_ptr"]


def test_a_server_names_its_own_addresses_only(cloud: Cloud) -> None:
    wanted = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    server = cloud.ask("POST", "/servers", wanted).json()["server"]
    path = f"/servers/{server['id']}"
    cloud.ask("GET", path)
    inside = server["public_net"]["ipv6"]["ip"].replace("::/64", "::1")
    assert change(cloud, path, ip=inside, dns_ptr="app.example.com").status_code == 201
    shown = cloud.ask("GET", path).json()["server"]["public_net"]
    assert shown["ipv6"]["dns_ptr"] == [{"ip": inside, "dns_ptr": "app.example.com"}]
    assert "ip" in cloud.problems(change(cloud, path, ip="9.9.9.9", dns_ptr="x.example.com"))
    assert "ip" in cloud.problems(change(cloud, path, ip="nine", dns_ptr="x.example.com"))
