"""All of it together: nothing is written anywhere, and the page of questions is complete."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.doctor.conftest import IN_MEMORY, Said

from liferaft.doctor.asking import examine
from liferaft.doctor.examination import checks_for, checks_of
from liferaft.doctor.patient import Patient

Called = Callable[..., Patient]
PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


def listing(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    """Each file with its time and bytes."""
    return {
        str(one.relative_to(folder)): (one.stat().st_mtime_ns, one.read_bytes())
        for one in folder.rglob("*")
        if one.is_file()
    }


@pytest.mark.usefixtures("east_reigns", "zone")
def test_no_byte_of_a_vault_or_of_the_operators_folder_is_changed(
    patient: Called, clouds: Mapping[str, Said], tmp_path: Path
) -> None:
    it = patient(IN_MEMORY)
    before = listing(tmp_path)
    assert any("epoch" in one for one in before), "there is something to change"
    found = examine(checks_for(it))
    assert len(found) > 5
    assert listing(tmp_path) == before
    for cloud in clouds.values():
        assert not cloud.holds.things
        assert not [one for one in cloud.line.asked if "create" in one or "delete" in one]


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_a_plan_of_a_drill_gets_the_questions_of_its_site(patient: Called) -> None:
    it = patient()
    of_north = checks_of(it.config, it.vault, it.environ, site="north")
    names = {(one.name, one.about) for one in of_north}
    assert ("account", "site north") in names
    assert ("allowance", "site north") in names


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_the_page_has_a_row_for_each_question_and_no_other(patient: Called, tmp_path: Path) -> None:
    table = PAGE.read_text().partition("## What is asked")[2].partition("## For machines")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert len(rows) == len(set(rows))
    of_a_store = patient((f"file://{tmp_path}/vault", "s3://chirp-vault"))
    assert set(rows) == {one.name for one in checks_for(of_a_store)}


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_each_question_is_one_sentence_and_says_why_it_is_asked(patient: Called) -> None:
    for one in checks_for(patient()):
        assert one.asks.endswith("?")
        assert one.why.endswith(".")
        assert one.seconds > 0
