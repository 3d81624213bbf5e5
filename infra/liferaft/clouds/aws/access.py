"""boto3 clients for one account and region, and the polite way to call them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from liferaft.clouds import boto, boto_errors
from liferaft.clouds.contract import APP, SITE, TOKEN, Owned, Owner
from liferaft.clouds.control_plane import ControlPlane, Patience
from liferaft.clouds.credentials import need
from liferaft.clouds.s3 import S3Account

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.literals import ResourceTypeType
    from mypy_boto3_ec2.type_defs import FilterTypeDef, TagSpecificationTypeDef, TagTypeDef
    from mypy_boto3_sts import STSClient


PART = "liferaft-part"
"""On what serves another thing of ours and is created and deleted with it: which part it is."""


@dataclass(frozen=True)
class AwsAccess:
    """Credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where they apply,
    AWS_SESSION_TOKEN, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, LIFERAFT_CA_FILE."""

    region: str
    credentials: Mapping[str, str] = field(repr=False)
    patience: Patience = field(default_factory=Patience)
    types: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)
    """What EC2 listed when it was asked for types of these names (`sizes`)."""
    reading_types: Lock = field(default_factory=Lock, repr=False, compare=False)

    @cached_property
    def plane(self) -> ControlPlane:
        return boto_errors.control_plane("aws", self.patience)

    @cached_property
    def ec2(self) -> "EC2Client":
        return self._session.client("ec2", **self._options)

    @cached_property
    def sts(self) -> "STSClient":
        return self._session.client("sts", **self._options)

    def client(self, service: str, region: str) -> Any:
        """A client of a service that only questions of the account go to."""
        options = {**self._options, "region_name": region}
        return self._session.client(service, **options)  # type: ignore[call-overload]  # any service

    @cached_property
    def s3(self) -> S3Account:
        return S3Account(
            region=self.region,
            access_key_id=need(self.credentials, "aws", "AWS_ACCESS_KEY_ID"),
            secret_access_key=need(self.credentials, "aws", "AWS_SECRET_ACCESS_KEY"),
            session_token=self.credentials.get("AWS_SESSION_TOKEN"),
            endpoint=self.credentials.get("AWS_ENDPOINT_URL_S3")
            or self.credentials.get("AWS_ENDPOINT_URL"),
            ca_file=self.credentials.get("LIFERAFT_CA_FILE"),
        )

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "endpoint_url": self.credentials.get("AWS_ENDPOINT_URL"),
            "verify": self.credentials.get("LIFERAFT_CA_FILE") or True,
            "config": boto.client_settings(),
        }

    @cached_property
    def _session(self) -> "Session":
        return self.s3.session


def tagged(
    resource_type: "ResourceTypeType", spec: Any, owner: Owner, *, part: str | None = None
) -> "list[TagSpecificationTypeDef]":
    """TagSpecifications for a creating call: our labels and the name that the console shows."""
    tags = {"Name": owner.name(spec.name), **owner.labels(spec)}
    return specification(resource_type, tags if part is None else {**tags, PART: part})


def specification(
    resource_type: "ResourceTypeType", tags: Mapping[str, str]
) -> "list[TagSpecificationTypeDef]":
    """These tags for what a call creates of this type."""
    rows: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": resource_type, "Tags": rows}]


def by_token(owner: Owner) -> "list[FilterTypeDef]":
    """A filter for what carries the owner's token."""
    return with_token(owner.token)


def with_token(token: str) -> "list[FilterTypeDef]":
    """A filter for what carries this token."""
    return [{"Name": f"tag:{TOKEN}", "Values": [token]}]


def by_app(app: str, site: str | None) -> "list[FilterTypeDef]":
    """A filter for what belongs to an app, at one of its sites or at all."""
    wanted: list[FilterTypeDef] = [{"Name": f"tag:{APP}", "Values": [app]}]
    return wanted if site is None else [*wanted, {"Name": f"tag:{SITE}", "Values": [site]}]


def labels_of(row: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in row.get("Tags", [])}


def owned(row: Mapping[str, Any], ident: str) -> Owned:
    labels = labels_of(row)
    return Owned(ident, labels.get("Name", ident), labels)


def is_whole(row: Mapping[str, Any]) -> bool:
    """Not a part of another thing of ours."""
    return PART not in labels_of(row)


def ours(row: Mapping[str, Any], ident: str, spec: Any, owner: Owner) -> str:
    """`ident`; raises unless the row was made from this very spec for this owner."""
    owner.check("aws", owner.name(spec.name), ident, labels_of(row), spec)
    return ident
