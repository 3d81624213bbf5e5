"""Key pairs that EC2 refuses and moto would make or seem to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_NAME = 255


def _name(parameters: dict[str, Any], ec2: Any) -> None:
    del ec2
    name = parameters["KeyName"]
    if not (1 <= len(name) <= _LONGEST_NAME and name.isascii()):
        message = f"Value ({name}) for parameter keyName is invalid."
        raise AwsError("InvalidParameterValue", message)


def _delete_key_pair(parameters: dict[str, Any], ec2: Any) -> None:
    del ec2
    if not parameters.keys() & {"KeyName", "KeyPairId"}:
        raise AwsError("MissingParameter", "The request must contain the parameter KeyName")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "CreateKeyPair": _name,
    "ImportKeyPair": _name,
    "DeleteKeyPair": _delete_key_pair,
}
