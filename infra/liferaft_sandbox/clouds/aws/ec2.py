"""EC2 as the front serves it: checked, done once, done by moto, followed by machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from liferaft_sandbox.clouds.aws.corrections import corrected, in_one_form, with_form
from liferaft_sandbox.clouds.aws.desired import desired
from liferaft_sandbox.clouds.aws.idempotency import Tokens
from liferaft_sandbox.clouds.aws.identifiers import refuse_malformed, refuse_missing_snapshots
from liferaft_sandbox.clouds.aws.images import (
    create_image,
    deregister_image,
    not_offered,
)
from liferaft_sandbox.clouds.aws.launched import (
    leave_out_gone,
    like_ec2,
    said_to_moto,
    with_groups_of_its_own,
)
from liferaft_sandbox.clouds.aws.lifecycle import Lifecycle
from liferaft_sandbox.clouds.aws.parameters import checked_parameters
from liferaft_sandbox.clouds.aws.refusals import refuse
from liferaft_sandbox.clouds.aws.rooms import end_without_room, refuse_without_room
from liferaft_sandbox.clouds.aws.wire import Answer, AwsError, Call

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.aws.backend import Backend
    from liferaft_sandbox.clouds.aws.limits import Limits
    from liferaft_sandbox.clouds.control_plane import Supervisor
    from liferaft_sandbox.clouds.standing import Standing

CLOUD = "aws"
_OWN = {
    "CopyImage": not_offered,
    "CreateImage": create_image,
    "DeregisterImage": deregister_image,
    "RegisterImage": not_offered,
}
_CATALOGUE = "DescribeInstanceTypes"
_READING = ("Describe", "Get", "List")
_WOULD_HAVE = "Request would have succeeded, but DryRun flag is set."


class Ec2:
    """Callers hold a lock: one request at a time, as moto wants it."""

    def __init__(
        self, backend: Backend, supervisor: Supervisor, standing: Standing, limits: Limits
    ) -> None:
        self._backend = backend
        self._limits = limits
        self._standing = standing
        self._supervisor = supervisor
        self._lifecycle = Lifecycle(backend)
        self._tokens = Tokens()
        self._catalogue: dict[tuple[str, bytes], Answer] = {}

    def answer(self, call: Call) -> Answer:
        """Serve one call; raises AwsError where EC2 refuses.

        After a change the supervisor has the whole new state before the caller has an answer.
        """
        call = in_one_form(call)
        parameters = checked_parameters(call.operation, call.parameters)
        region = self._backend.region(call.region)
        refuse_malformed(call)
        refuse_missing_snapshots(call, region)
        if self._lifecycle.is_under_way():
            self._lifecycle.follow(self._supervisor.states(CLOUD))
        if call.operation.startswith(_READING):
            _refuse_reading(call, parameters, region)
        if call.operation == _CATALOGUE:
            return self._listed(call)
        if call.operation.startswith(_READING):
            return self._backend.answer(corrected(call, parameters, region))
        answer = self._tokens.once(call, lambda: self._change(call, parameters, region))
        self._lifecycle.set_out()
        self._supervisor.reconcile(CLOUD, desired(self._backend))
        return answer

    def _listed(self, call: Call) -> Answer:
        """Machine types never change, and moto takes half a second to write them down."""
        question = call.region, call.body
        if question not in self._catalogue:
            self._catalogue[question] = self._backend.answer(call)
        return self._catalogue[question]

    def _change(self, call: Call, parameters: dict[str, Any], region: Any) -> Answer:
        try:
            refuse(call.operation, parameters, region)
            self._limits.refuse_launch(call.operation, parameters, region)
            refuse_without_room(self._standing, call.operation, parameters, region)
            _refuse_dry_run(parameters)
            if own := _OWN.get(call.operation):
                return own(call, parameters, region)
        except ServiceException as error:  # moto's own "no such subnet" and the like
            raise AwsError(error.code, error.message) from error
        if call.operation == "RunInstances":
            return self._run_instances(call, parameters, region)
        if call.operation == "TerminateInstances":
            leave_out_gone(parameters, region)
        answer = self._backend.answer(corrected(call, parameters, region))
        if call.operation == "TerminateInstances":
            _let_go_of_addresses(region, parameters["InstanceIds"])
        if "Groups" in parameters and call.operation == "ModifyInstanceAttribute":
            with_groups_of_its_own(region.get_instance(parameters["InstanceId"]))
        return answer

    def _run_instances(self, call: Call, parameters: dict[str, Any], region: Any) -> Answer:
        more = said_to_moto(call, parameters, region)
        answer = self._backend.answer(with_form(call, more))
        token = more["ClientToken"]
        launched = [one for one in self._backend.instances() if one.client_token == token]
        like_ec2(launched, parameters, region)
        end_without_room(self._standing, launched)
        return answer


def _refuse_reading(call: Call, parameters: dict[str, Any], region: Any) -> None:
    try:
        refuse(call.operation, parameters, region)
    except ServiceException as error:
        raise AwsError(error.code, error.message) from error
    _refuse_dry_run(parameters)


def _refuse_dry_run(parameters: dict[str, Any]) -> None:
    """moto does some of what it should only try."""
    if parameters.get("DryRun"):
        raise AwsError("DryRunOperation", _WOULD_HAVE, 412)


def _let_go_of_addresses(region: Any, instance_ids: list[str]) -> None:
    """A terminated instance frees its Elastic IPs; moto keeps them associated."""
    for address in region.addresses:
        instance = address.instance
        if instance and instance.id in instance_ids and instance.state == "terminated":
            region.disassociate_address(association_id=address.association_id)
