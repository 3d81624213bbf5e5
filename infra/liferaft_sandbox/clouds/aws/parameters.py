"""EC2 requests checked against EC2's own service model: names, types, what is required.

moto ignores parameters that it does not know; EC2 refuses them. Codes and their meaning:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, OperationNotFoundError, Shape, StringShape, StructureShape
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from moto.core.model import OperationModel

_NEWER_THAN_THE_MODEL = "InstanceType"  # looked up where it is used
_ENVELOPE = frozenset({"Action", "Version"})
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?")
_BOOLEANS = frozenset({"true", "false", "True", "False", "0", "1"})


def checked_parameters(operation: str, flat: dict[str, str]) -> dict[str, Any]:
    """The request's parameters as nested values by their names in the SDK.

    Raises AwsError as EC2 answers: MissingAction, InvalidAction, UnknownParameter,
    MissingParameter, InvalidParameterValue.
    """
    if "Action" not in flat:
        raise AwsError("MissingAction", "The request must contain the parameter Action")
    try:
        model = get_service_model("ec2").operation_model(operation)
    except OperationNotFoundError:
        message = f"The action {operation} is not valid for this web service."
        raise AwsError("InvalidAction", message) from None
    given = {
        name: value
        for name, value in flat.items()
        if name not in _ENVELOPE and not name.startswith("X-Amz-")
    }
    shape = model.input_shape
    if shape is None:
        return {}
    for name, value in given.items():
        _check_value(name, value, _shape_of(name, shape))
    for member in shape.required_members:
        name = _wire_name(member, shape.members[member])
        if not any(key == name or key.startswith(f"{name}.") for key in given):
            raise AwsError("MissingParameter", f"The request must contain the parameter {name}")
    return _nested(model, given)


def _nested(model: OperationModel, given: dict[str, str]) -> dict[str, Any]:
    parser = PROTOCOL_PARSERS["ec2"](model)
    parsed = parser.parse(
        {
            "method": "POST",
            "values": MultiDict(given),
            "headers": Headers(),
            "body": b"",
            "url_path": "/",
            "url_params": {},
        }
    )
    return dict(parsed)


def _shape_of(name: str, shape: Shape) -> Shape:
    for part in name.split("."):
        if isinstance(shape, StructureShape):
            members = {_wire_name(key, member): member for key, member in shape.members.items()}
            if part not in members:
                raise AwsError("UnknownParameter", f"The parameter {name} is not recognized")
            shape = members[part]
        elif isinstance(shape, ListShape) and part.isdigit():
            shape = shape.member
        else:
            raise AwsError("UnknownParameter", f"The parameter {name} is not recognized")
    return shape


def _wire_name(member: str, shape: Shape) -> str:
    """As botocore.serialize.EC2Serializer names it."""
    if "queryName" in shape.serialization:
        return str(shape.serialization["queryName"])
    location = str(shape.serialization.get("name", member))
    return location[0].upper() + location[1:]


def _check_value(name: str, value: str, shape: Shape) -> None:
    wrong = (
        (shape.type_name in {"integer", "long"} and not _INTEGER.fullmatch(value))
        or (shape.type_name == "boolean" and value not in _BOOLEANS)
        or (shape.type_name == "timestamp" and not _TIMESTAMP.fullmatch(value))
        or (shape.type_name in {"structure", "list"} and value != "")
    )
    if wrong:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter {name} is invalid. Expected: {shape.type_name}",
        )
    if shape.type_name == "blob" and not _is_base64(value):
        code = (
            "InvalidUserData.Malformed" if name.startswith("UserData") else "InvalidParameterValue"
        )
        raise AwsError(code, f"Invalid BASE64 encoding of {name}.")
    words = shape.enum if isinstance(shape, StringShape) else []
    if words and value not in words and shape.name != _NEWER_THAN_THE_MODEL:
        message = f"Value ({value}) for parameter {name} is invalid."
        raise AwsError("InvalidParameterValue", message)


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except ValueError:  # what is no ASCII raises it as well
        return False
    return True
