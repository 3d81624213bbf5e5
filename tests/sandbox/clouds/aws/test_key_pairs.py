"""Key pairs by name and by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud


def test_a_key_pair_is_found_and_deleted_by_its_id(ec2: Any) -> None:
    pair = ec2.create_key_pair(KeyName="operator", KeyType="ed25519")["KeyPairId"]
    ec2.create_key_pair(KeyName="another", KeyType="ed25519")
    (found,) = ec2.describe_key_pairs(KeyPairIds=[pair])["KeyPairs"]
    assert found["KeyName"] == "operator"
    ec2.delete_key_pair(KeyPairId=pair)
    (left,) = ec2.describe_key_pairs()["KeyPairs"]
    assert left["KeyName"] == "another"
    with pytest.raises(ClientError, match=r"InvalidKeyPair\.NotFound"):
        ec2.describe_key_pairs(KeyPairIds=[pair])
    with pytest.raises(ClientError, match=r"InvalidKeyPair\.NotFound"):
        ec2.delete_key_pair(KeyPairId=pair)


def test_a_key_pair_has_a_name(cloud: Cloud, ec2: Any) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.create_key_pair(KeyName="x" * 256)
    assert "<Code>MissingParameter</Code>" in cloud.ask(Action="DeleteKeyPair").text
