"""Calls put into words that moto understands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from liferaft.sandbox.aws.wire import Call

_ZEROTH = re.compile(r"\.0(?=\.|$)")


def corrected(call: Call, parameters: dict[str, Any], ec2: Any) -> Call:
    """The same request, saying what moto wants said and EC2 knows by itself."""
    match call.operation:
        case "DescribeSnapshots" if parameters.get("OwnerIds"):
            return with_form(call, _owners_as_filter(parameters, ec2))
        case "CreateTags":
            places = [name.rpartition(".")[0] for name in call.parameters if name.endswith(".Key")]
            return with_form(call, {f"{place}.Value": "" for place in places} | call.parameters)
        case "DetachVolume" if "InstanceId" not in parameters:
            place = ec2.get_volume(parameters["VolumeId"]).attachment
            return with_form(call, {"InstanceId": place.instance.id})
    return call


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
