"""Buckets at S3 itself."""

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.s3 import S3Bucket


def aws_bucket(access: AwsAccess) -> S3Bucket:
    endpoint = access.s3.endpoint or f"https://s3.{access.region}.amazonaws.com"
    return S3Bucket(access.plane, access.s3, endpoint)
