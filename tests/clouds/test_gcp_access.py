import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.clouds.gcp_key import write_key

from liferaft.clouds.contract import LONGEST_NAME, Owner, TakenByAnotherOwner, TakenByAnotherSpec
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.gcp.access import (
    GcpAccess,
    belongs_to,
    check_ours,
    described,
    in_region,
    labels_in,
    name_of,
)
from liferaft.clouds.gcp.errors import OperationFailed
from liferaft.clouds.gcp.key import FILE
from liferaft.clouds.gcp.located import Located
from liferaft.clouds.kinds import AddressSpec, NetworkSpec

OWNER = Owner("chirp", "gcp", 3, "0" * 32)


@pytest.fixture
def access(tmp_path: Path) -> GcpAccess:
    return GcpAccess("europe-west3", {FILE: str(write_key(tmp_path))}, Patience(poll=0.001))


class Method:
    """What an SDK's method is to us; ends at once, in an error if there is one left."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any], **settings: Any) -> Any:
        assert settings["retry"] is None
        self.requests.append(request)
        rows = [SimpleNamespace(code=self.errors.pop(0), message="no")] if self.errors else []
        return SimpleNamespace(
            status=SimpleNamespace(name="DONE"),
            error=SimpleNamespace(errors=rows),
            http_error_status_code=400,
            operation_type="insert",
            name="operation-1",
        )

    @property
    def ids(self) -> list[str]:
        return [request["request_id"] for request in self.requests]


def test_one_change_keeps_its_request_id_and_another_has_its_own(access: GcpAccess) -> None:
    method = Method()
    change = access.change("creating it", method, zone="z")
    change()
    change()
    access.change("creating it", method, zone="z")()
    first, again, other = method.ids
    assert first == again != other
    assert method.requests[0]["project"] == "chirp-lab"


def test_a_failed_operation_is_not_asked_for_again(access: GcpAccess) -> None:
    """Google answers a known request id with the operation of then: it has failed already."""
    method = Method("QUOTA_EXCEEDED")
    change = access.change("creating it", method)
    with pytest.raises(OperationFailed, match="QUOTA_EXCEEDED: no"):
        change()
    change()
    assert len(set(method.ids)) == 2


def test_what_has_no_labels_carries_them_in_its_description() -> None:
    spec = NetworkSpec("network")
    text = described(spec, OWNER, ip_range="10.20.0.0/16")
    assert json.loads(text)["ip_range"] == "10.20.0.0/16"
    labels = labels_in(text)
    check_ours(labels, "id", spec, OWNER)
    assert belongs_to(labels, "chirp", None)
    assert belongs_to(labels, "chirp", "gcp")
    assert not belongs_to(labels, "chirp", "aws")
    with pytest.raises(TakenByAnotherSpec):
        check_ours(labels, "id", replace(spec, subnet_range="10.20.0.0/20"), OWNER)
    with pytest.raises(TakenByAnotherOwner):
        check_ours(labels, "id", spec, replace(OWNER, token="1" * 32))


@pytest.mark.parametrize("text", ["", "the default network", "[]", '{"a": "b"}', "null"])
def test_a_description_of_somebody_elses_has_no_labels(text: str) -> None:
    assert labels_in(text) == {}


def test_names_begin_with_a_letter_and_are_not_too_long() -> None:
    assert name_of(AddressSpec("entry"), OWNER) == "chirp-gcp-entry"
    assert name_of(AddressSpec("entry"), replace(OWNER, app="4chan")) == "x4chan-gcp-entry"
    longest = replace(OWNER, app="4" * 31, site="s" * 31)
    assert len(name_of(AddressSpec("entry"), longest)) <= LONGEST_NAME


def test_only_zones_of_the_region_count() -> None:
    rows = [f"https://x/zones/{name}" for name in ("europe-west3-a", "europe-west30-a", "us-a")]
    assert in_region(rows, "europe-west3", str) == rows[:1]


def test_an_id_names_the_zone_and_a_foreign_one_names_none() -> None:
    at = Located("europe-west3-a", "chirp-gcp-app-1")
    assert Located.parse(str(at)) == at
    assert Located.parse("1").zone == ""
