"""A simulated AWS on a loopback socket, with machines that exist only in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import pytest
import requests
from botocore.config import Config

from liferaft_sandbox.clouds.aws.accounts import Account
from liferaft_sandbox.clouds.aws.front import create_app
from liferaft_sandbox.clouds.control_plane import AccessLog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.sandbox.door import Door

    from liferaft_sandbox.lab.machines import Desired, Machine

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
PUBLIC_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V0nTqSkUkgsPcBsDAUz1AkfUP1Ip1hVLo6oRh2gMp op"


@dataclass
class Machines:
    """A supervisor without a lab: machines boot when the test says so."""

    desired: Desired | None = None
    reconciled: int = 0
    running: set[str] = field(default_factory=set)

    def reconcile(self, cloud: str, desired: Desired, /) -> None:
        assert cloud == "aws"
        self.desired = desired
        self.reconciled += 1
        self.running &= {machine.id for machine in desired.machines if machine.running}

    def states(self, cloud: str, /) -> Mapping[str, str]:
        assert cloud == "aws"
        return {
            machine.id: "stopped"
            if not machine.running
            else "running"
            if machine.id in self.running
            else "pending"
            for machine in self.all()
        }

    def all(self) -> tuple[Machine, ...]:
        return tuple(self.desired.machines) if self.desired else ()

    def only(self) -> Machine:
        (machine,) = self.all()
        return machine

    def boot(self) -> None:
        self.running |= {machine.id for machine in self.all() if machine.running}


@dataclass(frozen=True)
class Cloud:
    """Where the simulated AWS listens, and clients for it."""

    url: str
    log: Path
    machines: Machines
    access_key: str = ACCESS_KEY

    def client(self, service: str, access_key: str = ACCESS_KEY) -> Any:
        return _client(self.url, service, access_key)

    def ask(self, **parameters: str) -> requests.Response:
        """A request that no SDK would make."""
        scope = f"{self.access_key}/20261122/us-east-1/ec2/aws4_request"
        return requests.post(
            self.url,
            data=urlencode({"Version": "2016-11-15", **parameters}),
            headers={
                "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            },
            timeout=60,
        )


@cache
def _client(url: str, service: str, access_key: str) -> Any:
    client: Any = boto3.client  # its overloads know no names from variables
    return client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="not-checked",
        config=Config(retries={"total_max_attempts": 1}),
    )


_accounts = iter(range(100000000000, 100000001000))


@pytest.fixture
def cloud(door: tuple[Door, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # as the process does
    machines = Machines()
    log = tmp_path / "access.log"
    door[0].app = create_app(
        machines,
        account=Account(str(next(_accounts)), frozenset({ACCESS_KEY})),
        access_log=AccessLog(log),
    )
    return Cloud(door[1], log, machines)


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2")


@dataclass(frozen=True)
class Site:
    """A network with a way out, a firewall, a key: what a server needs."""

    vpc: str
    subnet: str
    gateway: str
    group: str
    image: str

    def server(self, **changes: Any) -> dict[str, Any]:
        """Arguments of run_instances for one small server."""
        return {
            "ImageId": self.image,
            "InstanceType": "t3.small",
            "MinCount": 1,
            "MaxCount": 1,
            "KeyName": "operator",
            "SubnetId": self.subnet,
            "SecurityGroupIds": [self.group],
            **changes,
        }


@pytest.fixture
def site(ec2: Any) -> Site:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ec2.import_key_pair(KeyName="operator", PublicKeyMaterial=PUBLIC_KEY)
    found = ec2.describe_images(
        Owners=["136693071363"],
        Filters=[
            {"Name": "name", "Values": ["debian-12-amd64-*"]},
            {"Name": "architecture", "Values": ["x86_64"]},
        ],
    )
    return Site(vpc, subnet, gateway, group, found["Images"][0]["ImageId"])
