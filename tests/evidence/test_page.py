"""The page is whole by itself, says what the journal says, and believes nothing of it."""

import re
from typing import Any

import pytest
from tests.evidence.runs import ABOUT, FAILOVER, Written, done, failed, started

from liferaft.evidence.page import coded, page, visible
from liferaft.evidence.report import projected
from liferaft.journal import read_run
from liferaft.vault import Vault

EVIL = "<script>alert(1)</script>\u202egpj.\"'&"


@pytest.fixture
def shown(vault: Vault, journal: Written) -> Any:
    def of(rows: Any, **more: Any) -> str:
        run = read_run(vault, journal(rows, **{"about": ABOUT, "from_site": "east"} | more))
        return page(projected(run)).decode()

    return of


def test_it_loads_nothing_and_runs_nothing(shown: Any) -> None:
    text = shown(FAILOVER)
    assert not re.findall(r"(?:src|href|srcset|action)=|url\(|@import|<script|<link|<iframe", text)
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text


def test_the_verdict_comes_before_everything_else(shown: Any) -> None:
    text = shown(FAILOVER)
    assert text.index("<h1") < text.index("<h2")
    assert "chirp runs at north, moved from east: back after 40&nbsp;s" in text


def test_whatever_a_journal_holds_is_text(shown: Any) -> None:
    rows = [
        started(1, EVIL),
        failed(2, EVIL, EVIL, safe=EVIL, do=EVIL, missing=[EVIL], missing_count=1, denied=[EVIL]),
        started(2, "b"),
        done(3, "b", told=[EVIL], costs=EVIL, missing=[EVIL], missing_count=1),
    ]
    steps = [{"name": EVIL, "sentence": EVIL}, {"name": EVIL + "2", "sentence": EVIL}]
    about = {"app": EVIL, "by": EVIL, "versions": {EVIL: EVIL}, "steps": steps}
    text = shown(rows, about=about, site=EVIL, from_site=EVIL, point=EVIL, follows=EVIL)
    assert "<script" not in text
    assert "\u202e" not in text
    assert text.count("&lt;script&gt;") > 10
    assert "\\u{202e}" in text


def test_the_critical_path_and_the_point_of_no_return_are_marked(shown: Any) -> None:
    rows = [*FAILOVER[:6], started(12.5, "fence", "edge"), done(13, "fence")]
    text = shown(rows)
    assert text.count('class="crit"') == 3
    assert text.count(">point of no return<") == 1
    assert "Critical path: reserve → edge → fence." in text


def test_a_step_that_failed_does_not_look_like_one_that_went_well(shown: Any) -> None:
    text = shown([started(1, "edge"), failed(2, "edge", "It broke.")])
    assert 'class="stop"' in text
    assert ">failed<" in text
    assert "<title>failover of chirp: Failed</title>" in text


@pytest.mark.parametrize(
    ("targets", "said", "state"),
    [
        ({"rto": 900, "rpo": 30}, "✓ within 15 min", "Finished"),
        ({"rto": 30, "rpo": 30}, "✗ target 30 s missed", "Finished, target missed"),
        ({}, "no target is set", "Finished"),
    ],
)
def test_targets_are_judged_where_there_are_some(
    shown: Any, targets: Any, said: str, state: str
) -> None:
    text = shown(FAILOVER, about={**ABOUT, "targets": targets})
    assert said in text
    assert f'<span class="state">{state}</span>' in text


def test_a_run_that_was_gone_on_with_says_that_bars_are_last_attempts(shown: Any) -> None:
    again = [(90.0, "run-resumed", {}), started(90, "edge"), done(95, "edge")]
    assert "2 sessions worked at this run" in shown([*FAILOVER[:5], *again])
    assert "worked at this run" not in shown(FAILOVER, run="20261123T140000000Z-aa")


def test_a_run_without_a_step_has_a_page(shown: Any) -> None:
    assert "No step was begun." in shown([])


def test_a_journal_with_a_gap_is_told_as_such(vault: Vault, journal: Written) -> None:
    from liferaft.journal import what_is_left

    name = journal(FAILOVER)
    vault.delete(name.key(3))
    text = page(projected(what_is_left(vault, name))).decode()
    assert "This account is not whole" in text


def test_of_very_many_names_it_shows_the_first_and_says_where_the_others_are(shown: Any) -> None:
    names = [f"{number:05}.jpg" for number in range(5000)]
    text = shown([started(1, "copy"), done(2, "copy", missing=names, missing_count=5000)])
    assert "00099.jpg" in text
    assert "00100.jpg" not in text
    assert "and 4900 more: report.json has all of them" in text


def test_a_command_in_a_sentence_is_set_as_one_and_half_a_quote_is_left() -> None:
    assert coded("Run `liferaft <x>` now") == "Run <code>liferaft &lt;x&gt;</code> now"
    assert coded("a ` b <") == "a ` b &lt;"


def test_a_number_is_not_torn_from_its_unit_and_no_mark_up_comes_of_it() -> None:
    assert coded("for 2 min 5 s, <1 s>") == "for 2&nbsp;min 5&nbsp;s, &lt;1&nbsp;s&gt;"


def test_letters_of_all_languages_are_shown_as_they_are() -> None:
    assert visible("Zürich 東京 🙂") == "Zürich 東京 🙂"
    assert visible("a\x00b\u2028") == "a\\u{0}b\\u{2028}"
