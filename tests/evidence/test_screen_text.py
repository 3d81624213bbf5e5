"""On a screen a run is a bar a step, on one scale."""

from tests.evidence.runs import FAILOVER, Written, done, started

from liferaft.evidence.report import report_of
from liferaft.evidence.screen_text import lines
from liferaft.vault import Vault


def test_a_person_sees_every_step_on_one_scale(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    first, verdict, *rest = lines(report_of(vault))
    assert first == "failover of north, finished after 40.0 s"
    assert verdict.startswith("The application runs at north")
    bars = rest[:5]
    assert [bar[:2] for bar in bars] == ["* ", "  ", "* ", "* ", "* "]
    assert bars[4].count("█") > bars[1].count("█")
    assert rest[5] == "* critical path: 38.5 s"
    assert rest[6].startswith("recovered until 2026-11-22 13:59:51 UTC")


def test_a_run_that_died_says_so_and_which_step_has_no_end(vault: Vault, journal: Written) -> None:
    journal(FAILOVER[:5])
    text = "\n".join(lines(report_of(vault)))
    assert "NOT FINISHED after 3.5 s" in text
    assert "no end is known" in text
    assert "Now:  Type the same command again" in text


def test_what_is_gone_is_named_as_far_as_a_screen_goes(vault: Vault, journal: Written) -> None:
    names = [f"{number}.jpg" for number in range(12)]
    journal([started(1, "copy"), done(2, "copy", missing_count=12, missing=names, denied=["api"])])
    text = "\n".join(lines(report_of(vault)))
    assert "0.jpg, 1.jpg" in text
    assert "9.jpg and 2 more" in text
    assert "Hidden dependency: api" in text
