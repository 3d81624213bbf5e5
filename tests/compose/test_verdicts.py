"""Every key of the Compose specification has a verdict, and the documentation shows it."""

from pathlib import Path

from liferaft.compose.others import READERS
from liferaft.compose.service import Service
from liferaft.compose.verdict import KeyFate
from liferaft.compose.verdicts import VERDICTS, keys, markdown_table, of
from liferaft.hosts.options import options

ROOT = Path(__file__).parents[2]


def test_every_key_of_the_official_schema_has_a_verdict() -> None:
    assert len(keys()) > 300
    assert [key for key in keys() if of(key) is None] == []


def test_no_verdict_is_about_a_key_that_the_schema_does_not_know() -> None:
    assert [path for path in VERDICTS if path not in keys()] == []


def test_what_is_refused_says_why_and_what_to_write_instead() -> None:
    refused = [one for one in VERDICTS.values() if one.fate is KeyFate.REFUSED]
    assert refused
    assert [one.path for one in refused if not (one.words and one.instead)] == []


def test_every_key_that_is_read_for_podman_is_run_and_podman_is_told_of_it() -> None:
    for key in READERS:
        verdict = of(f"services.*.{key}")
        assert verdict is not None
        assert verdict.fate is KeyFate.RUN
        value = "disable" if key == "healthcheck" else "1"
        assert options("web", Service("a:1", others=((key, (value,)),)))


def test_the_documentation_shows_every_key_of_the_specification() -> None:
    assert markdown_table() in (ROOT / "docs" / "compose.md").read_text()
