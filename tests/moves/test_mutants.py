"""Whatever stands in the files of an application, a person is told what is wrong with them."""

import collections
import shutil
from pathlib import Path

import pytest
from tests.moves.mutants import asked, lay_out

SEED = "20261129"
FEW = 300
"""`make trials ONLY=damage` tries thousands."""


@pytest.mark.proof
def test_a_mutated_configuration_is_accepted_or_refused_with_one_clear_message(
    tmp_path: Path,
) -> None:
    answers: collections.Counter[str] = collections.Counter()
    for number in range(FEW):
        place, seed = tmp_path / str(number), f"{SEED}-{number}"
        place.mkdir()
        try:
            answers[asked(lay_out(place, seed))] += 1
        except Exception as error:  # noqa: BLE001 - the test is that there is none
            pytest.fail(f"mutant {seed} ended in {type(error).__name__}: {str(error)[:300]}")
        shutil.rmtree(place)
    assert answers["ConfigInvalid"] > FEW / 2, answers
