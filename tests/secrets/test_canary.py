"""A canary's word is told by whoever opened what was sealed for them, and by nobody else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from liferaft.secrets import CannotOpen
from liferaft.secrets.canary import Canary, CanaryProof

from .conftest import Operator

Make = Callable[[str], Operator]


def test_the_recipients_identity_alone_brings_the_word_to_light(operator: Make) -> None:
    ann, bob = operator("ann"), operator("bob")
    canary = Canary.for_recipient(ann.recipient)
    word = canary.word(ann.identity_file)
    proved = replace(canary, proof=CanaryProof(word, "ann@desk", "2026-11-30T08:00:00+00:00"))
    assert (canary.is_proved, proved.is_proved) == (False, True)
    assert Canary.from_json(proved.to_json()) == proved
    with pytest.raises(CannotOpen):
        canary.word(bob.identity_file)


def test_a_word_that_was_guessed_proves_nothing(operator: Make) -> None:
    canary = Canary.for_recipient(operator("ann").recipient)
    guessed = CanaryProof(canary.digest, "bob@desk", "2026-11-30T08:00:00+00:00")
    assert not replace(canary, proof=guessed).is_proved
