"""The rules and policies of docs/vaults.md: taken by the vendors' own models, dangerous to nothing,
and those of the sandbox."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import googleapiclient.discovery_cache
import pytest
from moto import mock_aws

from liferaft_sandbox.vendors import policies

DOCS = Path(__file__).parent.parent / "docs/vaults.md"
GOOGLES = Path(googleapiclient.discovery_cache.__file__).parent / "documents/storage.v1.json"
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def written(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", DOCS.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


def rules() -> Any:
    return json.loads(written("json s3"))["Rules"]


@mock_aws
def test_the_rules_are_taken_by_a_bucket_that_keeps_versions() -> None:
    """By boto3's model of the request, and by moto's reading of it."""
    s3 = boto3.client("s3", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    s3.create_bucket(Bucket="vault")
    s3.put_bucket_versioning(Bucket="vault", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket="vault", LifecycleConfiguration={"Rules": rules()})
    kept = s3.get_bucket_lifecycle_configuration(Bucket="vault")["Rules"]
    assert [(rule["ID"], rule["Status"]) for rule in kept] == [
        ("replaced", "Enabled"),
        ("unfinished", "Enabled"),
    ]
    assert kept[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert kept[1]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_the_xml_says_what_the_json_says() -> None:
    def told(element: ElementTree.Element) -> Any:
        inner = {one.tag.removeprefix(NAMESPACE): told(one) for one in element}
        text = (element.text or "").strip()
        return inner or (int(text) if text.isdigit() else text)

    root = ElementTree.fromstring(written("xml s3"))  # noqa: S314 - our own
    assert root.tag == f"{NAMESPACE}LifecycleConfiguration"
    assert [told(rule) for rule in root] == rules()


def test_googles_rules_have_the_words_of_its_own_description() -> None:
    model = json.loads(GOOGLES.read_text())["schemas"]["Bucket"]["properties"]["lifecycle"]
    words = model["properties"]["rule"]["items"]["properties"]
    for rule in json.loads(written("json google"))["rule"]:
        assert rule["action"]["type"] in words["action"]["properties"]["type"]["description"]
        for word, value in rule["condition"].items():
            sort = {"integer": int, "boolean": bool}[words["condition"]["properties"][word]["type"]]
            assert type(value) is sort


@pytest.mark.parametrize(
    ("kind", "policy"), [("adding", policies.adding), ("reading", policies.reading)]
)
def test_the_policies_are_those_that_the_sandboxs_stores_hold_their_keys_to(
    kind: str, policy: Callable[[str], Any]
) -> None:
    assert json.loads(written(f"json {kind}")) == policy("VAULT")


@pytest.mark.parametrize("kind", ["json s3", "xml s3", "json google"])
def test_no_rule_touches_an_object_that_is_in_use(kind: str) -> None:
    text = written(kind)
    assert '"Expiration"' not in text
    assert "<Expiration>" not in text
    for rule in json.loads(written("json google"))["rule"]:
        if rule["action"]["type"] == "Delete":
            assert rule["condition"]["isLive"] is False
