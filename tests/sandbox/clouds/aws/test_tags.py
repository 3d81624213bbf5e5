"""What may be tagged, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site

pytestmark = pytest.mark.fidelity


@pytest.mark.parametrize(
    ("resource", "key", "code"),
    [
        ("i-0123456789abcdef0", "app", "InvalidInstanceID.NotFound"),
        ("eipalloc-0123456789abcdef0", "app", "InvalidAllocationID.NotFound"),
        ("eni-0123456789abcdef0", "app", "InvalidNetworkInterfaceID.NotFound"),
        ("key-0123456789abcdef0", "app", "InvalidKeyPair.NotFound"),
        ("{vpc}", "aws:app", "InvalidParameterValue"),
        ("{vpc}", "x" * 129, "InvalidParameterValue"),
    ],
)
def test_tags_go_to_what_exists_under_keys_of_ones_own(
    ec2: Any, site: Site, resource: str, key: str, code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        ec2.create_tags(
            Resources=[resource.format(**vars(site))], Tags=[{"Key": key, "Value": "x"}]
        )


@pytest.mark.parametrize(
    ("kind", "keys"), [("instance", ["app"]), ("elastic-ip", ["aws:app"]), ("elastic-ip", "aa")]
)
def test_what_is_made_gets_tags_of_its_own_kind(ec2: Any, kind: str, keys: list[str]) -> None:
    tags = [{"Key": key, "Value": "x"} for key in keys]
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.allocate_address(TagSpecifications=[{"ResourceType": kind, "Tags": tags}])
    assert ec2.describe_addresses()["Addresses"] == []


def test_a_tag_without_a_value_has_an_empty_one(cloud: Cloud, ec2: Any, site: Site) -> None:
    parameters = {"ResourceId.1": site.vpc, "Tag.1.Key": "app"}
    assert cloud.ask(Action="CreateTags", **parameters).status_code == 200
    tags = ec2.describe_vpcs(VpcIds=[site.vpc])["Vpcs"][0]["Tags"]
    assert tags == [{"Key": "app", "Value": ""}]
