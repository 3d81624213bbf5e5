"""What policies forbid is tried before anything is made, and nothing is made by trying."""

from collections.abc import Mapping

import pytest
from tests.contract.home import Home
from tests.contract.worlds.aws import AwsWorld, documented_permissions
from tests.contract.worlds.line import Asked, Fault, Real
from werkzeug.wrappers import Response

from liferaft.clouds.sizes import WantedSize

SMALL = WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")
TWO: Mapping[str, WantedSize] = {"chirp-here-app-1": SMALL, "chirp-here-db-1": SMALL}
ENCODED = "Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm"
DENIED = (
    "You are not authorized to perform this operation. User: arn:aws:iam::1:user/u is not "
    "authorized to perform: ec2:RunInstances with an explicit deny in a service control policy. "
)


def refusal(code: str, message: str, action: str) -> Fault:
    def answer(asked: Asked, _: Real) -> Response | None:
        if asked.form.get("Action") != action or asked.form.get("DryRun") != "true":
            return None
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        body = f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"
        return Response(body, 403, mimetype="text/xml")

    return answer


@pytest.mark.parametrize("action", ["RunInstances", "AllocateAddress", "CreateVpc"])
def test_what_the_keys_own_policy_lacks_is_told_and_stops_nothing(
    aws: AwsWorld, home: Home, action: str
) -> None:
    aws.limits.permitted = documented_permissions() - {f"ec2:{action}"}
    before, machines = aws.changes, len(aws.machines.machines)
    told = home.cloud.allowance(TWO)
    assert told.obstacles == ()
    (note,) = told.notes
    assert note.startswith(f"aws would refuse ec2:{action}")
    assert "see docs/aws-policy.json" in note
    assert (aws.changes, len(aws.machines.machines)) == (before, machines)


def test_a_service_control_policy_is_told_as_that_without_the_riddle(
    aws: AwsWorld, home: Home
) -> None:
    aws.line.faults.append(refusal("UnauthorizedOperation", DENIED + ENCODED, "RunInstances"))
    (note,) = home.cloud.allowance(TWO).notes
    assert "ask whoever administers the organization" in note
    assert "explicit deny in a service control policy" in note
    assert "Encoded" not in note


def test_an_answer_that_is_neither_yes_nor_no_leaves_it_unknown(aws: AwsWorld, home: Home) -> None:
    """An account without a default network may be told about that alone."""
    aws.line.faults.append(refusal("VPCIdNotSpecified", "No default VPC", "RunInstances"))
    told = home.cloud.allowance(TWO)
    assert (told.obstacles, told.notes) == ((), ())
    (unknown,) = told.unknown
    assert "(VPCIdNotSpecified)" in unknown


def test_servers_that_are_there_need_no_rights_any_more(aws: AwsWorld, home: Home) -> None:
    home.create("server")
    aws.limits.permitted = documented_permissions() - {"ec2:RunInstances"}
    assert home.cloud.allowance({"chirp-here-app-1": SMALL}).notes == ()
