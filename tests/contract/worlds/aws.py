"""The simulated AWS, and what the real one would say to trouble.

Codes and messages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract.worlds import s3
from tests.contract.worlds.http import HttpWorld
from tests.contract.worlds.lag import Lag
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from tests.contract.worlds.world import Said
from werkzeug.test import Client
from werkzeug.wrappers import Response

from liferaft.clouds.classification import Verdict

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from liferaft_sandbox.clouds.aws.limits import Limits

KEY = "AKIASANDBOXOPERATOR"
POLICY = Path(__file__).parents[3] / "docs" / "aws-policy.json"
MOST_MACHINES = 10
_ACCOUNTS = itertools.count(210_987_654_321)

EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
STS = "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"
BLOCKED = Said("Blocked", Verdict.TERMINAL, EC2, 403)
ANSWERS = (
    BLOCKED,
    Said("AuthFailure", Verdict.AMBIGUOUS, EC2, 401),
    Said("PendingVerification", Verdict.AMBIGUOUS, EC2, 400),
    Said("OptInRequired", Verdict.AMBIGUOUS, EC2, 401),
    Said("UnauthorizedOperation", Verdict.AMBIGUOUS, EC2, 403),
    Said("ExpiredToken", Verdict.AMBIGUOUS, STS, 403),
    Said("InternalError", Verdict.OUTAGE, EC2, 500),
    Said("Unavailable", Verdict.OUTAGE, EC2, 503),
    Said("RequestLimitExceeded", Verdict.THROTTLE, EC2, 503),
    *s3.ANSWERS,
)

_CREATED = {
    "CreateVpc": ("network", "vpcId"),
    "CreateSubnet": (None, "subnetId"),
    "CreateInternetGateway": (None, "internetGatewayId"),
    "CreateRouteTable": (None, "routeTableId"),
    "CreateSecurityGroup": ("firewall", "groupId"),
    "ImportKeyPair": ("ssh_key", "keyPairId"),
    "AllocateAddress": ("address", "allocationId"),
    "RunInstances": ("server", "instanceId"),
    "CreateVolume": ("volume", "volumeId"),
    "CreateImage": ("machine_image", "imageId"),
}
"""Action → kind, and the element that has the new id."""
_UNKNOWN = {
    "vpc": "InvalidVpcID.NotFound",
    "subnet": "InvalidSubnetID.NotFound",
    "igw": "InvalidInternetGatewayID.NotFound",
    "rtb": "InvalidRouteTableID.NotFound",
    "sg": "InvalidGroup.NotFound",
    "key": "InvalidKeyPair.NotFound",
    "eipalloc": "InvalidAllocationID.NotFound",
    "i": "InvalidInstanceID.NotFound",
    "vol": "InvalidVolume.NotFound",
    "ami": "InvalidAMIID.NotFound",
}
_QUOTA = {
    "network": "VpcLimitExceeded",
    "firewall": "SecurityGroupLimitExceeded",
    "address": "AddressLimitExceeded",
    "server": "VcpuLimitExceeded",
    "volume": "VolumeLimitExceeded",
    "ssh_key": "ResourceLimitExceeded",
    "machine_image": "ResourceLimitExceeded",
}


def simulated_aws(
    machines: Machines, folder: Path, account_id: str, limits: "Limits | None" = None
) -> "WSGIApplication":
    from liferaft_sandbox.clouds.aws.accounts import Account
    from liferaft_sandbox.clouds.aws.front import create_app
    from liferaft_sandbox.clouds.aws.limits import Limits
    from liferaft_sandbox.clouds.control_plane import AccessLog

    account = Account(account_id, frozenset({KEY}), limits or Limits())
    return create_app(machines, account=account, access_log=AccessLog(folder / "access.log"))


def documented_permissions() -> frozenset[str]:
    """What a first run is told to give liferaft's key: all tests run under no more."""
    statements = json.loads(POLICY.read_text())["Statement"]
    return frozenset(action for one in statements for action in one["Action"])


def new_account() -> str:
    """moto keeps every account's things for as long as the process lives."""
    return str(next(_ACCOUNTS))


@contextmanager
def aws_world(folder: Path) -> Iterator["AwsWorld"]:
    from liferaft_sandbox.clouds.aws.limits import Limits

    limits = Limits(permitted=documented_permissions())
    machines, account = Machines(), new_account()
    line = Line(simulated_aws(machines, folder, account, limits))
    with served(line) as url:
        credentials = {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": "kept-to-ourselves",
            "AWS_ENDPOINT_URL": url,
        }
        yield AwsWorld(
            *("aws", "us-east-1", line, machines, url, credentials, BLOCKED),
            answers=ANSWERS,
            burstable=("t3.medium", "t3a.medium"),
            other_architectures=("m6g.large",),
            account=account,
            folder=folder,
            limits=limits,
        )


@dataclass
class AwsWorld(HttpWorld):
    account: str = field(kw_only=True)
    folder: Path = field(kw_only=True)
    limits: "Limits" = field(kw_only=True)

    def clear(self) -> None:
        """moto looks at all instances that ever were, at each call."""
        if len(self.machines.machines) > MOST_MACHINES:
            self.machines.machines = ()
            self.account = new_account()
            self.line.app = simulated_aws(self.machines, self.folder, self.account, self.limits)

    def wrong(self) -> Mapping[str, str]:
        return {"AWS_ACCESS_KEY_ID": "AKIANOBODYSKEY"}

    def throttled(self, headers: Mapping[str, str]) -> Response:
        text = "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
        return Response(f"<ErrorResponse>{text}</ErrorResponse>", 400, headers)

    def spoken(self, said: Said) -> Response:
        if said.kind == "bucket":
            return s3.spoken(said)
        return _error(said.code, "as documented", said.status)

    def room_asked_for(self, asked: Asked) -> tuple[str, str] | None:
        if asked.form.get("Action") != "RunInstances":
            return None
        from moto.backends import get_backend

        subnet = asked.form.get("SubnetId") or asked.form["NetworkInterface.1.SubnetId"]
        region = get_backend("ec2")[self.account][self.region]
        zone = str(region.get_subnet(subnet).availability_zone)
        return asked.form["InstanceType"], zone

    def no_room(self, machine_type: str, zone: str) -> Response:
        """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html"""
        message = (
            f"We currently do not have sufficient {machine_type} capacity in the Availability "
            f"Zone you requested ({zone})."
        )
        return _error("InsufficientInstanceCapacity", message, 500)

    def kind_created_by(self, asked: Asked) -> str | None:
        if s3.makes_bucket(asked):
            return "bucket"
        return _CREATED.get(asked.form.get("Action", ""), (None, ""))[0]

    def no_quota(self, kind: str) -> Response:
        if kind == "bucket":
            return s3.no_quota()
        return _error(_QUOTA[kind], "You have reached the limit of this account", 400)

    def lag(self, kind: str, reads: int) -> None:
        self.line.faults += [Lag(Ec2Wire(), reads), Lag(s3.S3Wire(), reads)]

    def kill_the_next_server(self) -> None:
        def fault(asked: Asked, real: Real) -> Response | None:
            if asked.form.get("Action") != "RunInstances":
                return None
            self.line.faults.remove(fault)
            answer = real()
            (ident,) = Ec2Wire().created(asked, answer)
            again = {name: asked.request.headers[name] for name in ("Authorization", "X-Amz-Date")}
            form = {"Action": "TerminateInstances", "Version": "2016-11-15", "InstanceId.1": ident}
            Client(self.line.app).post("/", data=form, headers=again)
            return answer

        self.line.faults.append(fault)


class Ec2Wire:
    """https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html"""

    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        _, element = _CREATED.get(asked.form.get("Action", ""), (None, ""))
        found = re.search(f"<{element}>(.+?)</{element}>", answer.get_data(as_text=True))
        return [found[1]] if element and found else []

    def names(self, asked: Asked, ident: str) -> bool:
        return any(
            value == ident and not name.startswith("Filter") for name, value in asked.form.items()
        )

    def unknown(self, asked: Asked, ident: str) -> Response:
        return _error(_UNKNOWN[ident.partition("-")[0]], f"The ID '{ident}' does not exist", 400)

    def without(self, answer: Response, hidden: Iterable[str]) -> tuple[Response, set[str]]:
        return s3.without_rows(answer, hidden, "item")


def _error(code: str, message: str, status: int) -> Response:
    text = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    return Response(
        f"<Response>{text}<RequestID>r-1</RequestID></Response>", status, mimetype="text/xml"
    )
