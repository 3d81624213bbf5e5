"""Buckets in Hetzner's Object Storage, which speaks S3 and has keys of its own.

https://docs.hetzner.com/storage/object-storage/overview/
"""

from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.s3 import S3Bucket


def hetzner_bucket(access: HetznerAccess) -> S3Bucket:
    return S3Bucket(access.s3_plane, access.s3, access.s3.endpoint or "")
