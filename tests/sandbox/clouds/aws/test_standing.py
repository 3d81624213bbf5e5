"""Who is served, what a suspended account hears, and what the access log says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_known_key_is_told_its_account(cloud: Cloud) -> None:
    assert cloud.client("sts").get_caller_identity()["Account"].startswith("1000000")


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("ec2", "describe_instances", "AuthFailure", 401),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("ecs", "list_clusters", "UnrecognizedClientException", 400),
    ],
)
def test_an_unknown_key_is_refused_as_each_service_does(
    cloud: Cloud, service: str, operation: str, code: str, status: int
) -> None:
    client = cloud.client(service, access_key="AKIAUNKNOWN")
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    assert code_of(refused) == (code, status)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("ec2", "describe_instances", "Blocked", 403),
        ("s3", "list_buckets", "AccountProblem", 403),
        ("ecs", "list_clusters", "BlockedException", 400),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("iam", "list_users", "InvalidClientTokenId", 403),
        ("organizations", "describe_organization", "SubscriptionRequiredException", 400),
    ],
)
def test_a_suspended_account_hears_it_from_each_service(
    cloud: Cloud, service: str, operation: str, code: str, status: int
) -> None:
    client = cloud.client(service)
    requests.post(f"{cloud.url}/_sandbox/suspend", timeout=60).raise_for_status()
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    assert code_of(refused) == (code, status)


def test_the_suspension_of_ec2_is_this_body_byte_for_byte(cloud: Cloud) -> None:
    requests.post(f"{cloud.url}/_sandbox/suspend", timeout=60).raise_for_status()
    answer = requests.post(
        cloud.url,
        data="Action=DescribeInstances&Version=2016-11-15",
        headers={
            "Authorization": "AWS4-HMAC-SHA256 "
            f"Credential={cloud.access_key}/20261122/us-east-1/ec2/aws4_request, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=60,
    )
    request_id = answer.headers["x-amzn-RequestId"]
    assert answer.content == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<Response><Errors><Error><Code>Blocked</Code><Message>Your account is currently "
        b"blocked. Contact aws-verification@amazon.com if you have questions.</Message></Error>"
        b"</Errors><RequestID>" + request_id.encode() + b"</RequestID></Response>"
    )


def test_a_suspension_leaves_machines_alone_and_can_be_lifted(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    ec2.run_instances(**site.server())
    before = cloud.machines.reconciled
    requests.post(f"{cloud.url}/_sandbox/suspend", timeout=60).raise_for_status()
    with pytest.raises(ClientError):
        ec2.terminate_instances(InstanceIds=[cloud.machines.only().id])
    assert cloud.machines.reconciled == before
    assert cloud.machines.only().running
    requests.post(f"{cloud.url}/_sandbox/reinstate", timeout=60).raise_for_status()
    assert len(ec2.describe_instances()["Reservations"]) == 1


def test_the_access_log_names_caller_operation_and_outcome(cloud: Cloud, ec2: Any) -> None:
    answer = ec2.describe_vpcs()
    with pytest.raises(ClientError):
        cloud.client("sts", access_key="AKIAUNKNOWN").get_caller_identity()
    requests.post(f"{cloud.url}/_sandbox/suspend", timeout=60).raise_for_status()
    good, bad = (json.loads(line) for line in cloud.log.read_text().splitlines())
    assert good["key"] == cloud.access_key
    assert (good["service"], good["operation"], good["status"]) == ("ec2", "DescribeVpcs", 200)
    assert good["request_id"] == answer["ResponseMetadata"]["RequestId"]
    assert "Botocore" in good["user_agent"]
    assert (bad["key"], bad["operation"], bad["status"]) == (
        "AKIAUNKNOWN",
        "GetCallerIdentity",
        403,
    )
    assert "Signature" not in cloud.log.read_text()


@pytest.mark.parametrize(
    ("service", "operation"), [("ec2", "describe_capacity_blocks"), ("health", "describe_events")]
)
def test_what_the_sandbox_lacks_is_said_plainly(cloud: Cloud, service: str, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud.client(service), operation)()
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"
