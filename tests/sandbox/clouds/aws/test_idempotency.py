"""ClientToken, through boto3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site


def test_the_same_token_and_parameters_give_the_same_instance(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: ec2.run_instances(**site.server(ClientToken="run-7/db-1")), range(4))
        )
    assert len({answer["Instances"][0]["InstanceId"] for answer in answers}) == 1
    assert len({answer["ResponseMetadata"]["RequestId"] for answer in answers}) == 4
    assert len(cloud.machines.all()) == 1


def test_the_same_token_with_other_parameters_is_refused(ec2: Any, site: Site) -> None:
    ec2.run_instances(**site.server(ClientToken="run-7/db-1"))
    with pytest.raises(ClientError) as refused:
        ec2.run_instances(**site.server(ClientToken="run-7/db-1", InstanceType="t3.large"))
    assert refused.value.response["Error"]["Code"] == "IdempotentParameterMismatch"


def test_a_refused_request_leaves_its_token_free(cloud: Cloud, ec2: Any, site: Site) -> None:
    with pytest.raises(ClientError):
        ec2.run_instances(**site.server(ClientToken="run-8", KeyName="nobody"))
    ec2.run_instances(**site.server(ClientToken="run-8"))
    assert len(cloud.machines.all()) == 1


def test_requests_without_a_token_are_separate(cloud: Cloud, ec2: Any, site: Site) -> None:
    server = site.server()
    for token in ("", ""):
        ec2.run_instances(**server, ClientToken=token)
    assert len(cloud.machines.all()) == 2
