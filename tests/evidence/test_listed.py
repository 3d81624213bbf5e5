"""All runs are listed with their verdicts, and one whose command died gets its report by that."""

from tests.evidence.runs import FAILOVER, Written

from liferaft.evidence.listed import listed
from liferaft.vault import Vault, layout


def test_the_newest_comes_first_and_each_has_a_report_then(vault: Vault, journal: Written) -> None:
    old = journal(FAILOVER, run="20261120T140000000Z-aa")
    died = journal(FAILOVER[:3], run="20261121T140000000Z-aa")
    drill = journal(FAILOVER, run="20261122T140000000Z-aa", move="drill", among=layout.DRILL_RUNS)
    rows = listed(vault, None)
    assert [row.run for row in rows] == [str(drill), str(died), str(old)]
    assert [row.state for row in rows] == ["finished", "unfinished", "finished"]
    assert rows[2].rto == 40.0
    assert all(vault.get(name.report("html")) for name in (old, died, drill))


def test_no_more_are_looked_at_than_were_asked_for(vault: Vault, journal: Written) -> None:
    old = journal(FAILOVER, run="20261120T140000000Z-aa")
    new = journal(FAILOVER, run="20261121T140000000Z-aa")
    assert [row.run for row in listed(vault, 1)] == [str(new)]
    assert old.report("html") not in vault.list(layout.RUNS)
    assert new.report("html") in vault.list(layout.RUNS)


def test_a_run_that_cannot_be_read_is_a_row_and_hides_no_other(
    vault: Vault, journal: Written
) -> None:
    broken = journal(FAILOVER, run="20261121T140000000Z-aa")
    journal(FAILOVER, run="20261120T140000000Z-aa")
    vault.delete(broken.key(1))
    first, second = listed(vault, None)
    assert (first.state, second.state) == ("unreadable", "finished")
    assert "is not whole" in first.sentence
