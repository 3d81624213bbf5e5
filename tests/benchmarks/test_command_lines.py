"""The proof about command lines of nonsense, as the trials run it."""

from pathlib import Path

import pytest
from tests.benchmarks.proof import figures_of


@pytest.mark.proof
def test_a_proof_about_command_lines_says_how_many_it_tried(tmp_path: Path) -> None:
    figures = figures_of("command_lines", count=100, folder=tmp_path)
    assert figures == {"command_lines": 100, "failed_tests": 0}
