"""moto's EC2 of one account: prepared like a fresh region, called in process."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.model import OperationNotFoundError
from moto.core.botocore_stubber import BotocoreStubber
from moto.ec2.models import ec2_backends

from liferaft_sandbox.clouds.aws.images import EbsImage
from liferaft_sandbox.clouds.aws.public_addresses import Pool
from liferaft_sandbox.clouds.aws.wire import NAMESPACE, Answer, AwsError, Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEBIAN_OWNER = "136693071363"  # https://wiki.debian.org/Cloud/AmazonEC2Image
_BUILD = "20260112-2355"
_DEBIAN: dict[str, Any] = {
    "owner_id": DEBIAN_OWNER,
    "public": True,
    "virtualization_type": "hvm",
    "architecture": "x86_64",
    "hypervisor": "xen",
    "root_device_type": "ebs",
    "root_device_name": "/dev/xvda",
    "boot_mode": "uefi-preferred",
}
_DEBIAN_DISK = 8  # GiB
_STUMBLES = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What moto raises where it takes for granted what a caller got wrong."""
_SET = re.compile(rb"[\[{]((?:'[^'\]}]*'(?:, )?)+)[\]}]")
_log = logging.getLogger(__name__)
_NO_SUCH_SERVICE = "Not yet implemented"  # moto's whole body, with status 404


def debian_ids(region: str) -> Mapping[str, str]:
    """Debian's images in the region, the system of each: ids are stable, as real ones are."""
    return {
        f"ami-{sum(region.encode()) + 2**20 * number:017x}": system
        for number, system in enumerate(("debian-12", "debian-13"))
    }


class Backend:
    """Not thread-safe, as moto is not: the front serves one request at a time."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self._regions: dict[str, Any] = {}
        self._stub = BotocoreStubber()
        self._pool = Pool(self._public_addresses)

    def region(self, name: str) -> Any:
        """moto's EC2Backend of the region, with Debian's images instead of moto's own."""
        if name not in self._regions:
            try:
                ec2 = ec2_backends[self.account_id][name]
            except KeyError:
                message = f"The region {name} does not exist."
                raise AwsError("InvalidParameterValue", message) from None
            _open_default_vpc(ec2)
            ec2.amis = {
                ident: _debian(ec2, ident, system, f"{name}a")
                for ident, system in debian_ids(name).items()
            }
            self._regions[name] = ec2
        return self._regions[name]

    def regions(self) -> Iterator[Any]:
        """The regions that were used so far."""
        yield from self._regions.values()

    def instances(self) -> Iterator[Any]:
        """Every instance of every region, terminated ones as well."""
        for ec2 in self._regions.values():
            yield from ec2.all_instances()

    def answer(self, call: Call) -> Answer:
        """What moto says to the call; UnsupportedOperation where moto has nothing to say."""
        headers = HTTPHeaders()
        for name, value in {**call.headers, "x-moto-account-id": self.account_id}.items():
            headers[name] = value
        request = AWSPreparedRequest(
            call.method,
            f"https://{call.service}.{call.region}.amazonaws.com{call.path}"
            + (f"?{call.query}" if call.query else ""),
            headers,
            call.body,
            stream_output=False,
        )
        not_offered = f"The sandbox does not offer {call.service} {call.operation}"
        unsupported = AwsError("UnsupportedOperation", f"{not_offered}.")
        try:
            with self._pool.serve():
                result = self._stub.process_request(request)
        except (NotImplementedError, ModuleNotFoundError, OperationNotFoundError) as error:
            raise (_unknown_filter(call) if "ilter" in str(error) else unsupported) from error
        except _STUMBLES as error:
            if isinstance(error, KeyError) and error.args[0] in _filters(call):
                raise _unknown_filter(call) from error
            if "NextToken" in call.parameters:
                message = "The specified NextToken is not valid."
                raise AwsError("InvalidNextToken", message) from error
            _log.warning("moto stumbled over %s", call.operation, exc_info=True)
            message = f"{not_offered} with these parameters."
            raise AwsError("UnsupportedOperation", message) from error
        if result is None or result[2] == _NO_SUCH_SERVICE:
            raise unsupported
        status, answered, body = result
        return _with_request_id(status, answered, body, call.request_id)

    def _public_addresses(self) -> set[str]:
        taken: set[str] = set()
        for ec2 in self._regions.values():
            taken.update(address.public_ip for address in ec2.addresses)
            taken.update(eni.public_ip for eni in ec2.enis.values() if eni.public_ip)
        return taken


def _debian(ec2: Any, ident: str, system: str, zone: str) -> EbsImage:
    name = f"{system}-amd64-{_BUILD}"
    image = EbsImage(
        ec2,
        ident,
        name=name,
        description=f"{system.capitalize().replace('-', ' ')} ({_BUILD})",
        image_location=f"amazon/{name}",
        region_name=zone,
        **_DEBIAN,
    )
    image.ebs_snapshot.volume.size = _DEBIAN_DISK
    return image


def _open_default_vpc(ec2: Any) -> None:
    """AWS's default VPC has a way out; moto's has none.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
    """
    gateway = ec2.create_internet_gateway()
    ec2.attach_internet_gateway(gateway.id, ec2.default_vpc.id)
    for table in ec2.route_tables.values():
        ec2.create_route(table.id, "0.0.0.0/0", gateway_id=gateway.id)


def _unknown_filter(call: Call) -> AwsError:
    """moto does not tell apart what EC2 does not know and what moto does not do."""
    message = f"The filter '{', '.join(_filters(call))}' is invalid, or not offered by the sandbox."
    return AwsError("InvalidParameterValue", message)


def _filters(call: Call) -> list[str]:
    return [value for name, value in call.parameters.items() if name.endswith(".Name")]


def _with_request_id(status: int, headers: Any, body: str | bytes, request_id: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    theirs = str(headers.get("x-amzn-requestid", ""))
    for placeholder in (theirs, "request-id"):  # moto's EC2 answers say "request-id"
        if placeholder:
            raw = raw.replace(f">{placeholder}<".encode(), f">{request_id}<".encode())
    bare = NAMESPACE.rstrip("/")  # moto's; clients that look tags up by namespace find nothing
    raw = raw.replace(f'xmlns="{bare}"'.encode(), f'xmlns="{NAMESPACE}"'.encode(), 1)
    if status >= 400:  # noqa: PLR2004 - a refusal: moto's messages show ids in Python's sets and lists
        raw = _SET.sub(lambda match: match[1].replace(b"'", b""), raw)
    kept = {"Content-Type": str(headers.get("Content-Type", "text/xml;charset=UTF-8"))}
    return Answer(int(status), {**kept, "x-amzn-RequestId": request_id}, raw)
