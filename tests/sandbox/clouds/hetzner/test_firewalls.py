"""Firewalls: their rules and whom they go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

pytestmark = pytest.mark.fidelity


@pytest.mark.parametrize("kind", ["server", "label_selector"])
def test_a_firewall_without_its_target_is_refused(cloud: Cloud, kind: str) -> None:
    target = {"type": kind, kind: None}
    answer = cloud.ask("POST", "/firewalls", {"name": "web", "apply_to": [target]})
    assert kind in cloud.problems(answer)


def test_a_firewall_goes_to_all_its_targets_or_to_none(cloud: Cloud, hcloud: Client) -> None:
    firewall = hcloud.firewalls.create("web").firewall
    targets = [
        {"type": "label_selector", "label_selector": {"selector": "app"}},
        {"type": "server", "server": {"id": 1}},
    ]
    path = f"/firewalls/{firewall.id}/actions/apply_to_resources"
    assert cloud.problems(cloud.ask("POST", path, {"apply_to": targets}))
    firewall.reload()
    assert firewall.applied_to == []


def test_null_in_a_rule_means_nobody(cloud: Cloud) -> None:
    rule = {"direction": "out", "protocol": "icmp", "source_ips": None}
    rules = [{**rule, "destination_ips": ["0.0.0.0/0"]}]
    made = cloud.ask("POST", "/firewalls", {"name": "web", "rules": rules}).json()["firewall"]
    assert made["rules"][0]["source_ips"] == []
