"""boto3 with the credentials that it is given, and with nothing that it would find by itself.

boto3 looks at some fifty variables and two files in the operator's home (profiles, roles, other
endpoints and dialects), and a profile that is not there ends it before any request.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from liferaft.clouds.timeouts import CONNECT_TIMEOUT, READ_TIMEOUT

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.loaders import Loader


@dataclass(frozen=True, repr=False)
class AccountKeys:
    """What opens an account."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


def session(keys: AccountKeys, region: str) -> "Session":
    """A session that looks up nothing: no profile, no file, no variable, no metadata service."""
    import boto3
    import botocore.session

    alone = botocore.session.Session()
    alone.register_component("data_loader", _descriptions())
    for name, (_, _, default, converted) in list(alone.session_var_map.items()):
        # The files themselves are such values, with a place in the home as default.
        usual = None if name.endswith("_file") else default
        alone.session_var_map[name] = (None, None, usual, converted)
    return boto3.session.Session(
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        region_name=region,
        botocore_session=alone,
    )


@cache
def _descriptions() -> "Loader":
    """What botocore knows of services, read once: each session would read its megabytes anew."""
    from botocore.loaders import Loader

    return Loader()


def client_settings(*, s3: Mapping[str, str] | None = None, **more: Any) -> Any:
    """botocore's Config with its retries off and sockets bounded.

    s3: its settings for S3. One of them is looked up for every client, unless it is given.
    """
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # missing in the stubs
        max_pool_connections=20,
        s3={"us_east_1_regional_endpoint": "regional", **(s3 or {})},  # type: ignore[arg-type]  # any of its settings
        **more,
    )


def content_md5(body: bytes) -> str:
    """The checksum of a body in the form that every vendor of S3 knows."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
