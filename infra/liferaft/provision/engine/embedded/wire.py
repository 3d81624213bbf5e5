"""Property values as the SDK's and the providers' protobuf structs."""

import math
from typing import Final

from google.protobuf import struct_pb2

from liferaft.failures import BadInput
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.values import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Properties,
    Secret,
    Value,
)

OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "assets",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
    "5cf8f73096256a8f31e491e813e4eb8e": "resources as property values",
}


def from_struct(struct: struct_pb2.Struct) -> dict[str, Value]:
    return {key: from_value(value) for key, value in struct.fields.items()}


def from_value(value: struct_pb2.Value) -> Value:
    """A value from the wire; raises `EngineLacks` for assets, archives, resource references,
    BadInput for a number that JSON, and with it the state, does not have."""
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
        case "number_value":
            if not math.isfinite(value.number_value):
                raise BadInput(f"A property is {value.number_value}, which no state can hold.")
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [from_value(item) for item in value.list_value.values]
        case "struct_value":
            return _from_object(value.struct_value)
    return None


def _from_object(struct: struct_pb2.Struct) -> Value:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if signature == SECRET:
        return Secret(from_value(fields["value"]))
    if signature == OUTPUT:
        inner = from_value(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    if signature in _REFUSED:
        raise EngineLacks(_REFUSED[signature])
    return from_struct(struct)


def to_struct(values: Properties, *, secrets: bool = True) -> struct_pb2.Struct:
    """Properties for the wire; without `secrets` they go bare, to whom cannot take them."""
    fields = {key: to_value(value, secrets=secrets) for key, value in values.items()}
    return struct_pb2.Struct(fields=fields)


def to_value(  # noqa: PLR0911 - one line for each kind of value
    value: Value, *, secrets: bool = True
) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list():
            items = [to_value(item, secrets=secrets) for item in value]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
        case dict():
            return struct_pb2.Value(struct_value=to_struct(value, secrets=secrets))
        case Secret():
            bare = to_value(value.value, secrets=secrets)
            if not secrets:
                return bare
            fields = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": bare}
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    return struct_pb2.Value(string_value=UNKNOWN_TEXT)
