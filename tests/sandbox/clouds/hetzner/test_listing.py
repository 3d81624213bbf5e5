"""Lists: what they are sorted by, what selects from them, and how their pages are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from liferaft_sandbox.clouds.hetzner.errors import ApiError
from liferaft_sandbox.clouds.hetzner.listing import selects

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

LABELS = {"app": "web", "tier": ""}


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("app=web", True),
        ("app==db", False),
        ("app!=db,tier", True),
        ("colour!=blue", True),
        ("app in (db, web)", True),
        ("app notin (db,web)", False),
        ("!colour", True),
        ("tier=", True),
    ],
)
def test_selectors_choose_by_labels(selector: str, chosen: bool) -> None:
    assert selects(selector, LABELS) is chosen


@pytest.mark.fidelity
@pytest.mark.parametrize("selector", ["app=db,", "colour,app in", "!", "app=(a)"])
def test_a_selector_that_cannot_be_read_is_refused_whatever_it_would_choose_from(
    cloud: Cloud, selector: str
) -> None:
    with pytest.raises(ApiError, match="label_selector"):
        selects(selector, {})
    answer = cloud.ask("GET", f"/servers?label_selector={selector}")  # there are none
    assert answer.json()["error"]["code"] == "invalid_input"


@pytest.mark.fidelity
def test_what_has_no_name_comes_first_by_name(cloud: Cloud) -> None:
    server = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    made = cloud.ask("POST", "/servers", server).json()["server"]
    cloud.ask("GET", "/servers")
    cloud.ask("POST", f"/servers/{made['id']}/actions/create_image", {})
    images = cloud.ask("GET", "/images?sort=name").json()["images"]
    assert [image["name"] for image in images[:2]] == [None, "debian-12"]


@pytest.mark.fidelity
@pytest.mark.parametrize("order", ["status", "name:up", "labels"])
def test_a_list_is_not_sorted_by_what_the_kind_is_not_sorted_by(cloud: Cloud, order: str) -> None:
    answer = cloud.ask("GET", f"/ssh_keys?sort={order}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


@pytest.mark.fidelity
def test_actions_are_sorted_by_their_end(hcloud: Client) -> None:
    network = hcloud.networks.create("private", "10.0.0.0/16")
    network.change_protection(delete=False).wait_until_finished()
    found = hcloud.networks.actions.get_all(status=["success"], sort=["finished:desc"])
    assert [action.command for action in found] == ["change_protection"]


@pytest.mark.fidelity
@pytest.mark.parametrize("number", ["0", "-1", "²", "9" * 5000])
def test_a_page_that_is_no_number_of_a_page_is_refused(cloud: Cloud, number: str) -> None:
    assert cloud.ask("GET", f"/servers?page={number}").status_code == 422
    assert cloud.ask("GET", f"/servers/{number}").status_code == 404
    assert cloud.ask("GET", f"/actions/{number}").status_code == 404
