"""A machine image takes longer than a server, on the wire of a simulated AWS."""

from dataclasses import replace

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.aws import AwsWorld
from tests.contract.worlds.line import Asked, Real
from werkzeug.wrappers import Response

from liferaft.clouds.control_plane import Patience
from liferaft.failures import DeadlinePassed


def _pends(aws: AwsWorld, questions: int) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html (state): pending while
    the snapshot behind it is copied."""
    left = questions

    def pending(asked: Asked, real: Real) -> Response | None:
        nonlocal left
        if asked.form.get("Action") != "DescribeImages" or not left:
            return None
        answer = real().get_data(as_text=True)
        if "chirp-here-equipped" not in answer:
            return None
        left -= 1
        state = "<imageState>{}</imageState>"
        told = answer.replace(state.format("available"), state.format("pending"))
        return Response(told, mimetype="text/xml")

    aws.line.faults.append(pending)


def test_an_image_is_waited_for_longer_than_a_server(aws: AwsWorld, home: Home) -> None:
    spec, owner = home.spec("machine_image"), home.owner("machine_image")
    _pends(aws, questions=8)
    patient = aws.open(replace(HURRY, ready=0.02, poll=0.02, poll_max=0.02))
    made = patient.kinds["machine_image"].create(spec, owner)
    assert home.things("machine_image").read(made.id) == made
    assert Patience().imaged >= 1200


def test_an_image_that_does_not_come_is_named_when_the_wait_ends(aws: AwsWorld, home: Home) -> None:
    spec, owner = home.spec("machine_image"), home.owner("machine_image")
    _pends(aws, questions=1000)
    impatient = aws.open(replace(HURRY, imaged=0.1))
    with pytest.raises(DeadlinePassed, match=r"machine image chirp-here-equipped \(ami-"):
        impatient.kinds["machine_image"].create(spec, owner)
    aws.mend()
    assert home.make("machine_image")
