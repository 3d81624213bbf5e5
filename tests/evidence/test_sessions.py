"""Who worked at a run, and with what, is told of each session; journals of earlier versions say
less, and are read all the same."""

from tests.evidence.runs import ABOUT, FAILOVER, Written

from liferaft.evidence import sessions
from liferaft.journal import read_run
from liferaft.vault import Vault


def test_each_operator_and_each_version_is_told_once(vault: Vault, journal: Written) -> None:
    other = {"by": "night@desk", "versions": {"liferaft": "0.2.0", "servers": "debian-13"}}
    again = [(50.0, "run-resumed", {"about": other}), (60.0, "run-resumed", {"about": ABOUT})]
    run = read_run(vault, journal([*FAILOVER, *again], about=ABOUT))
    assert sessions.operators(run) == ("ops@desk", "night@desk")
    assert sessions.versions(run) == {"liferaft": ("0.1.0", "0.2.0"), "servers": ("debian-13",)}
    assert len(sessions.abouts(run)) == 3
    assert sessions.said_first(run, "app") == "chirp"


def test_a_journal_that_says_none_of_it_is_read_as_well(vault: Vault, journal: Written) -> None:
    odd = [(1.0, "run-resumed", {"about": "odd"}), (2.0, "run-resumed", {"about": {"steps": [7]}})]
    run = read_run(vault, journal(odd))
    assert sessions.operators(run) == ()
    assert sessions.versions(run) == {}
    assert sessions.planned(run) == {}
    assert sessions.said_first(run, "app") is None
