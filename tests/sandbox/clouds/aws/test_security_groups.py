"""Names and descriptions of security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Site

pytestmark = pytest.mark.fidelity


@pytest.mark.parametrize(
    "changes",
    [
        {"GroupName": "sg-web"},
        {"GroupName": "default"},
        {"GroupName": "x" * 256},
        {"Description": "für alle"},
    ],
)
def test_a_group_is_described_in_plain_words(ec2: Any, site: Site, changes: dict[str, str]) -> None:
    group = {"GroupName": "app", "Description": "app", "VpcId": site.vpc}
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.create_security_group(**{**group, **changes})
