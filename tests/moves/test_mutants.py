"""Whatever stands in the two files, a person is told what is wrong with them."""

import collections
import shutil
from pathlib import Path

import pytest
from tests.moves.mutants import lay_out

from liferaft.config import load
from liferaft.failures import Failure
from liferaft.moves import deploy
from liferaft.moves.inputs import require_described

SEED = "20261129"
FEW, MANY = 300, 2700
LONGEST_ANSWER = 60_000
"""Characters: whatever is quoted is cut, however many mistakes there are."""


def _asked(toml: Path) -> str:
    """What a plan would answer: `accepted`, or the failure's kind. Anything else goes through."""
    try:
        config = load(toml)
        require_described(config, deploy.MOVE)
        plan = deploy.plan(config, {"site": config.primary, "epoch": 1, "reigns": True})
        plan.digest()
    except Failure as failure:
        facts = failure.facts
        assert facts.happened
        assert facts.do, facts.happened
        assert len(facts.happened) < LONGEST_ANSWER
        facts.happened.encode()
        return type(failure).__name__
    return "accepted"


def _tried(folder: Path, numbers: range) -> collections.Counter[str]:
    answers: collections.Counter[str] = collections.Counter()
    for number in numbers:
        place = folder / "app"
        place.mkdir()
        seed = f"{SEED}-{number}"
        try:
            answers[_asked(lay_out(place, seed))] += 1
        except Exception as error:  # noqa: BLE001 - the test is that there is none
            pytest.fail(f"mutant {seed} ended in {type(error).__name__}: {str(error)[:300]}")
        shutil.rmtree(place)
    return answers


def test_no_mutated_configuration_ends_in_a_traceback(tmp_path: Path) -> None:
    answers = _tried(tmp_path, range(FEW))
    assert answers["ConfigInvalid"] > FEW / 2, answers


@pytest.mark.sandbox
def test_none_of_thousands_of_mutated_configurations_ends_in_a_traceback(tmp_path: Path) -> None:
    answers = _tried(tmp_path, range(FEW, FEW + MANY))
    assert answers["ConfigInvalid"] > MANY / 2, answers
