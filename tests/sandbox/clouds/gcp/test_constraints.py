"""What holds for a project is told to who may ask, and holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from tests.sandbox.clouds.gcp.conftest import PROJECT

from liferaft_sandbox.clouds.gcp.constraints import KNOWN

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud

pytestmark = pytest.mark.sandbox
PATH = f"v2/projects/{PROJECT}/policies"


def rules(cloud: Cloud, constraint: str) -> object:
    said = cloud.ask("GET", f"{PATH}/{constraint}:getEffectivePolicy").json()
    assert said["name"].endswith(f"/policies/{constraint}")
    return said["spec"]["rules"]


@pytest.mark.parametrize("constraint", list(KNOWN))
def test_a_project_of_no_policy_is_told_what_holds_by_default(
    cloud: Cloud, constraint: str
) -> None:
    before = rules(cloud, constraint)
    assert before == [KNOWN[constraint]]
    requests.post(f"{cloud.url}/_sandbox/constrain", data=constraint, timeout=60)
    assert rules(cloud, constraint) in ([{"enforce": True}], [{"denyAll": True}])
    requests.post(f"{cloud.url}/_sandbox/release", timeout=60)
    assert rules(cloud, constraint) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PATH}/compute.madeUp:getEffectivePolicy", 404),
        ("v2/projects/another/policies/gcp.resourceLocations:getEffectivePolicy", 403),
        (PATH, 400),
    ],
)
def test_another_project_and_what_is_not_there_are_refused(
    cloud: Cloud, path: str, status: int
) -> None:
    assert cloud.ask("GET", path).status_code == status


def test_nobody_is_told_without_a_token(cloud: Cloud) -> None:
    url = f"{cloud.url}/{PATH}/gcp.resourceLocations:getEffectivePolicy"
    assert requests.get(url, timeout=60).status_code == 401


def test_a_suspended_project_is_told_nothing(cloud: Cloud) -> None:
    cloud.control("suspend")
    answer = cloud.ask("GET", f"{PATH}/gcp.resourceLocations:getEffectivePolicy")
    assert answer.status_code == 403
