"""What may be tagged, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.aws.conftest import Cloud, Site


@pytest.mark.parametrize(
    ("resource", "key", "code"),
    [
        ("i-0123456789abcdef0", "app", "InvalidInstanceID.NotFound"),
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


def test_a_tag_without_a_value_has_an_empty_one(cloud: Cloud, ec2: Any, site: Site) -> None:
    parameters = {"ResourceId.1": site.vpc, "Tag.1.Key": "app"}
    assert cloud.ask(Action="CreateTags", **parameters).status_code == 200
    tags = ec2.describe_vpcs(VpcIds=[site.vpc])["Vpcs"][0]["Tags"]
    assert tags == [{"Key": "app", "Value": ""}]
