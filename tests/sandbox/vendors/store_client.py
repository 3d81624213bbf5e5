"""Asks a store of the sandbox as clients do, from the operator's place, and tells what it said.

`python store_client.py ENDPOINT KEY_VARIABLE SECRET_VARIABLE [CA_VARIABLE]`: JSON on stdout.
"""

import json
import os
import ssl
import sys
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "asked"
KEYS = ("a/b c+d", "ü/€", "a//b", "%2F%25", "q?x=1&y", "a;b", "~'()*!", "::", "website")
LARGE = os.urandom(2**20) * 24


def said(ask: Callable[[], Any]) -> list[object]:
    """The status, and the code of an error."""
    try:
        return [ask()["ResponseMetadata"]["HTTPStatusCode"]]
    except ClientError as error:
        answer: Any = error.response
        return [answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]]


def main(endpoint: str, key: str, secret: str, ca: str = "LIFERAFT_CA_FILE") -> dict[str, object]:
    s3: Any = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=os.environ[key],
        aws_secret_access_key=os.environ[secret],
        verify=os.environ[ca],
        config=Config(
            signature_version="s3v4",  # links, too, which boto3 signs the old way
            s3={"addressing_style": "path"},
            # A front that is busy may end a connection that it kept, as any store does.
            retries={"total_max_attempts": 3},
        ),
    )
    s3.create_bucket(Bucket=BUCKET)
    for name in KEYS:
        s3.put_object(Bucket=BUCKET, Key=name, Body=name.encode())
    kept = {name: s3.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode() for name in KEYS}
    s3.put_object(Bucket=BUCKET, Key="large", Body=LARGE)
    part = s3.get_object(Bucket=BUCKET, Key="large", Range="bytes=7-4000006")
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": KEYS[0]})
    trust = ssl.create_default_context(cafile=os.environ[ca])
    with urlopen(signed, context=trust) as answer:  # noqa: S310 - the sandbox's own
        read = answer.read().decode()
    return {
        "kept": kept == {name: name for name in KEYS},
        "head": s3.head_object(Bucket=BUCKET, Key="large")["ContentLength"],
        "large": s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == LARGE,
        "range": part["Body"].read() == LARGE[7:4000007],
        "signed": read,
        "again": said(lambda: s3.put_object(Bucket=BUCKET, Key="large", IfNoneMatch="*")),
        "tags": said(lambda: s3.get_bucket_tagging(Bucket=BUCKET)),
        "tags_of_a_key": said(lambda: s3.get_object_tagging(Bucket=BUCKET, Key="large")),
        "list": said(lambda: s3.put_object(Bucket=BUCKET, Key="listed", ACL="private")),
        "website": said(lambda: s3.get_bucket_website(Bucket=BUCKET)),
        "elses": said(lambda: s3.create_bucket(Bucket="somebody-elses-media")),
        "of_a_key": said(lambda: s3.get_object(Bucket=BUCKET, Key="website")),
    }


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
