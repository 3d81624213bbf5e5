"""Tags that EC2 refuses and moto keeps: of what does not exist, and with reserved keys.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft.sandbox.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_KEY, LONGEST_VALUE = 128, 256
_LOOKED_UP = {
    "i": "get_instance",
    "igw": "get_internet_gateway",
    "rtb": "get_route_table",
    "snap": "get_snapshot",
    "subnet": "get_subnet",
    "vol": "get_volume",
    "vpc": "get_vpc",
}
"""moto's question for each kind of id; it raises what EC2 would say."""


def _create_tags(parameters: dict[str, Any], ec2: Any) -> None:
    for tag in parameters["Tags"]:
        if tag.get("Key", "").lower().startswith("aws:"):
            message = "Tag keys starting with 'aws:' are reserved for internal use"
            raise AwsError("InvalidParameterValue", message)
        if not 1 <= len(tag.get("Key", "")) <= LONGEST_KEY:
            message = f"Tag key length must be between 1 and {LONGEST_KEY}"
            raise AwsError("InvalidParameterValue", message)
        if len(tag.get("Value", "")) > LONGEST_VALUE:
            message = f"Tag value exceeds the maximum length of {LONGEST_VALUE} characters"
            raise AwsError("InvalidParameterValue", message)
    for ident in parameters["Resources"]:
        question = _LOOKED_UP.get(ident.partition("-")[0])
        if question:
            getattr(ec2, question)(ident)


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {"CreateTags": _create_tags}
