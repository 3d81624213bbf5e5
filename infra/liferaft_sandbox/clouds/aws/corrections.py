"""Calls put into words that moto understands."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.aws.wire import Call

_BLOCKS = ("CidrBlock", "CidrIp", "CidrIpv6")  # what names of parameters with a range end with
_ZEROTH = re.compile(r"\.0(?=\.|$)")


def corrected(call: Call, parameters: dict[str, Any], ec2: Any) -> Call:
    """The same request, saying what moto wants said and EC2 knows by itself."""
    more = _besides(call, parameters, ec2)
    return with_form(call, more) if more else call


def _besides(call: Call, parameters: dict[str, Any], ec2: Any) -> dict[str, str]:
    more: dict[str, str] = {}
    match call.operation:
        case "DescribeSnapshots" if parameters.get("OwnerIds"):
            more = _owners_as_filter(parameters, ec2)
        case "DescribeKeyPairs" | "DeleteKeyPair" if _key_ids(call):
            more = _keys_by_name(call, ec2)
        case "CreateTags":
            places = [name.rpartition(".")[0] for name in call.parameters if name.endswith(".Key")]
            more = {f"{place}.Value": "" for place in places} | call.parameters
        case "DetachVolume" if "InstanceId" not in parameters:
            place = ec2.get_volume(parameters["VolumeId"]).attachment
            more = {"InstanceId": place.instance.id}
        case "AssociateAddress" if "AllowReassociation" not in parameters:
            more = {"AllowReassociation": "true"}
        case "ModifyInstanceAttribute":
            more = _in_the_older_form(call)
    return more


def in_one_form(call: Call) -> Call:
    """The request in the one of several forms that EC2 takes which is looked at here."""
    return _attribute_by_name(_canonical_ranges(counted_from_one(call)))


def _canonical_ranges(call: Call) -> Call:
    """EC2 takes `100.68.0.18/18` for `100.68.0.0/18`; moto keeps what it was told.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
    """
    changed = {
        name: _canonical(value)
        for name, value in call.parameters.items()
        if name.endswith(_BLOCKS) and _canonical(value) != value
    }
    return with_form(replace(call, parameters=call.parameters | changed), {}) if changed else call


def _canonical(cidr: str) -> str:
    try:
        return str(ipaddress.ip_network(cidr, strict=False)) if "/" in cidr else cidr
    except ValueError:
        return cidr


def _attribute_by_name(call: Call) -> Call:
    """`Attribute=instanceType&Value=t3.large` is an older form of `InstanceType.Value=t3.large`."""
    name = call.parameters.get("Attribute", "")
    if call.operation != "ModifyInstanceAttribute" or not name:
        return call
    rest = {key: value for key, value in call.parameters.items() if key != "Attribute"}
    rest[f"{name[0].upper()}{name[1:]}.Value"] = rest.pop("Value", "")
    return with_form(replace(call, parameters=rest), {})


def _in_the_older_form(call: Call) -> dict[str, str]:
    """moto takes one of these in no other form, and decodes the other once too often."""
    for name in ("instanceInitiatedShutdownBehavior", "userData"):
        value = call.parameters.get(f"{name[0].upper()}{name[1:]}.Value")
        if value is not None:
            return {"Attribute": name, "Value": value}
    return {}


def _key_ids(call: Call) -> list[str]:
    return [value for name, value in call.parameters.items() if name.startswith("KeyPairId")]


def _keys_by_name(call: Call, ec2: Any) -> dict[str, str]:
    """moto takes no notice of the ids of key pairs."""
    names = {pair.id: pair.key_name for pair in ec2.key_pairs.values()}
    for ident in _key_ids(call):
        if ident not in names:
            message = f"The key pair ID '{ident}' does not exist"
            raise AwsError("InvalidKeyPair.NotFound", message)
    if call.operation == "DeleteKeyPair":
        return {"KeyName": names[_key_ids(call)[0]]}
    return {f"KeyName.{place}": names[one] for place, one in enumerate(_key_ids(call), start=1)}


def counted_from_one(call: Call) -> Call:
    """libcloud counts `Tag.0.Key`, which EC2 takes and moto passes over."""
    lists = {name[: zero.start()] for name in call.parameters for zero in _ZEROTH.finditer(name)}
    if not lists:
        return call

    def renamed(name: str) -> str:
        parts = name.split(".")
        return ".".join(
            str(int(part) + 1) if part.isdecimal() and ".".join(parts[:place]) in lists else part
            for place, part in enumerate(parts)
        )

    counted = {renamed(name): value for name, value in call.parameters.items()}
    return with_form(replace(call, parameters=counted), {})


def with_form(call: Call, more: dict[str, str]) -> Call:
    """The call with more parameters; it comes as a form, whatever it came as."""
    body = urlencode({**call.parameters, **more}).encode()
    headers = {**call.headers, "Content-Type": "application/x-www-form-urlencoded"}
    return replace(call, method="POST", query="", headers=headers, body=body)


def _owners_as_filter(parameters: dict[str, Any], ec2: Any) -> dict[str, str]:
    number = len(parameters.get("Filters", [])) + 1
    owners = [ec2.account_id if one == "self" else one for one in parameters["OwnerIds"]]
    values = {f"Filter.{number}.Value.{place}": one for place, one in enumerate(owners, start=1)}
    return {f"Filter.{number}.Name": "owner-id", **values}
