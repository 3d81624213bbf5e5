"""What EC2 refuses to do to an instance in its state, and which attributes can be changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.launches import (
    refuse_groups,
    refuse_image_and_type,
    refuse_long_user_data,
)
from liferaft_sandbox.clouds.aws.volumes import refuse_without_root
from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_GONE = frozenset({"shutting-down", "terminated"})
_STARTABLE = frozenset({"stopped", "pending", "running"})
_ONLY_WHILE_STOPPED = frozenset({"InstanceType", "UserData"})
_CHANGEABLE = frozenset(
    {
        "BlockDeviceMappings",
        "DisableApiStop",
        "DisableApiTermination",
        "EbsOptimized",
        "Groups",
        "InstanceInitiatedShutdownBehavior",
        "InstanceType",
        "SourceDestCheck",
        "UserData",
    }
)
_NO_ATTRIBUTES = frozenset({"InstanceId", "DryRun"})


def _start_instances(parameters: dict[str, Any], ec2: Any) -> None:
    for ident in parameters["InstanceIds"]:
        instance = ec2.get_instance(ident)
        if instance.state not in _STARTABLE:
            raise _incorrect_state(f"{ident}' is not in a state from which it can be started.")
        refuse_without_root(instance)


def _stop_instances(parameters: dict[str, Any], ec2: Any) -> None:
    """moto would bring a terminated instance back."""
    for ident in parameters["InstanceIds"]:
        instance = ec2.get_instance(ident)
        if instance.state in _GONE:
            raise _incorrect_state(f"{ident}' is not in a state from which it can be stopped.")
        if getattr(instance, "disable_api_stop", False) is True:
            raise AwsError(
                "OperationNotPermitted",
                f"The instance '{ident}' may not be stopped. Modify its 'disableApiStop' "
                "instance attribute and try again.",
            )


def _reboot_instances(parameters: dict[str, Any], ec2: Any) -> None:
    for ident in parameters["InstanceIds"]:
        ec2.get_instance(ident)
    raise AwsError("UnsupportedOperation", "The sandbox's machines stop and start, but not reboot.")


def _modify_instance_attribute(parameters: dict[str, Any], ec2: Any) -> None:
    instance = ec2.get_instance(parameters["InstanceId"])
    asked = sorted(parameters.keys() - _NO_ATTRIBUTES)
    if len(asked) != 1:
        said = f"Fields for multiple attribute types specified: {', '.join(asked)}"
        message = said if asked else "No attributes specified."
        raise AwsError("InvalidParameterCombination", message)
    (attribute,) = asked
    if attribute not in _CHANGEABLE:  # moto would take the security groups away instead
        message = f"The sandbox does not offer to modify {attribute} of an instance."
        raise AwsError("UnsupportedOperation", message)
    if attribute in _ONLY_WHILE_STOPPED and instance.state != "stopped":
        raise _incorrect_state(f"{instance.id}' is not in the 'stopped' state.")
    if attribute == "InstanceType":
        wanted = parameters["InstanceType"].get("Value")
        named = {"ImageId": instance.image_id, "InstanceType": wanted}
        refuse_image_and_type(named, ec2, forgotten=True)
    if attribute == "UserData":
        refuse_long_user_data(parameters["UserData"].get("Value", b""))
    if attribute == "Groups":
        place = f"instance {instance.id}"
        refuse_groups(ec2, parameters["Groups"], instance.vpc_id, place)
    for mapping in parameters.get("BlockDeviceMappings", []):
        if mapping.get("DeviceName") not in instance.block_device_mapping:
            message = f"No device is currently mapped at {mapping.get('DeviceName')}"
            raise AwsError("InvalidInstanceAttributeValue", message)


def _incorrect_state(rest: str) -> AwsError:
    return AwsError("IncorrectInstanceState", f"The instance '{rest}")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "StartInstances": _start_instances,
    "StopInstances": _stop_instances,
    "RebootInstances": _reboot_instances,
    "ModifyInstanceAttribute": _modify_instance_attribute,
}
