"""What watchers read: one line for Nagios, and Prometheus' text."""

import re
from dataclasses import replace
from datetime import timedelta

from tests.evidence.test_watch import GOOD, LIMITS, NOW, OLD, SILENT, seen

from liferaft.evidence.watch import VaultSeen, Watched, alarms
from liferaft.evidence.watching import check_line, prometheus, unknown_line


def line(one: Watched) -> str:
    return check_line(one, alarms(one, LIMITS), LIMITS)


def test_a_good_line_says_who_reigns_and_how_old_the_newest_point_is() -> None:
    said, _, measured = line(seen()).partition(" | ")
    assert said == "LIFERAFT OK: east reigns; the newest point is 60 min old"
    assert measured == (
        "point_main=3600s;;93600;0 archive_db_main=9s;;300;0 verified_main=259200s;;;0"
    )


def test_a_bad_line_begins_with_the_worst() -> None:
    assert line(seen(replace(OLD, name="main"), SILENT)).startswith(
        "LIFERAFT CRITICAL: the newest recovery point in vault main is 3 days old (26 h at most); "
        "vault second does not answer: no answer | point_main=259200s"
    )


def test_whatever_a_vendor_said_it_is_one_line_with_one_bar() -> None:
    torn = VaultSeen("second", trouble="503\n| please | wait\r\n")
    said = line(seen(GOOD, torn))
    assert "\n" not in said
    assert said.count("|") == 1


def test_a_clock_that_is_behind_makes_no_age_below_nothing() -> None:
    ahead = replace(GOOD, point=NOW + timedelta(hours=1))
    assert "point_main=0s" in line(seen(ahead))


def test_what_could_not_be_read_is_unknown() -> None:
    assert unknown_line("Vault main: listing: no\nanswer") == (
        "LIFERAFT UNKNOWN: Vault main: listing: no answer"
    )


def test_prometheus_is_told_moments_which_age_by_themselves() -> None:
    text = prometheus(seen(GOOD, SILENT))
    row = 'liferaft_archived_timestamp_seconds{app="chirp",vault="main",data="db"} '
    assert row + f"{NOW.timestamp() - 9:.15g}\n" in text
    assert 'liferaft_vault_answers{app="chirp",vault="main"} 1\n' in text
    assert 'liferaft_vault_answers{app="chirp",vault="second"} 0\n' in text
    assert 'liferaft_epoch{app="chirp",site="east"} 1\n' in text


def test_what_a_vault_does_not_have_has_no_row() -> None:
    text = prometheus(seen(VaultSeen("main", archived={"db": None})))
    assert "liferaft_archived_timestamp_seconds{" not in text
    assert "liferaft_point_timestamp_seconds{" not in text


def test_each_line_is_of_the_text_format() -> None:
    label = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
    row = re.compile(rf"[a-z_]+\{{{label}(?:,{label})*\}} -?[0-9.e+]+")
    for one in prometheus(seen(GOOD, OLD)).splitlines():
        assert re.match(r"# (HELP|TYPE) [a-z_]+ .", one) or row.fullmatch(one), one


def test_a_metric_is_described_once_and_before_its_rows() -> None:
    lines = prometheus(seen(GOOD, OLD)).splitlines()
    kinds = [one.split()[2] for one in lines if one.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))
    for one in lines:
        if not one.startswith("#"):
            name = one.partition("{")[0]
            assert lines.index(f"# TYPE {name} gauge") < lines.index(one)


def test_names_that_hold_quotes_break_no_line() -> None:
    text = prometheus(replace(seen(), app='a"b\\c\nd'))
    assert r'app="a\"b\\c\nd"' in text
