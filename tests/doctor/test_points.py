"""What a failover would begin from is judged by the policy, vault by vault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.doctor.conftest import NOW, Find
from tests.doctor.test_accounts import dead_vault

from liferaft.doctor import points
from liferaft.doctor.patient import Patient
from liferaft.evidence.standing import Standing
from liferaft.evidence.watch import VaultSeen, Watched
from liferaft.recovery.verified import Verification, note_verification
from liferaft.vault import Vault
from liferaft.vault.layout import EpochKeys

Called = Callable[..., Patient]
POINT = "20261130T110000Z"
STANDING = Standing(
    *(1, "east", "2026-11-22T14:00:00Z", None, POINT, ()),
    point_epoch=1,
    verified_point=POINT,
    verified_at=(NOW - timedelta(days=3)).isoformat(),
    verified_seconds=41.6,
)
GOOD = VaultSeen(
    "main",
    point=NOW - timedelta(hours=1),
    verified=NOW - timedelta(days=3),
    archived={"db": NOW - timedelta(seconds=9)},
)
OLD = replace(GOOD, name="depot", point=NOW - timedelta(days=3))
DEPOT = '[vaults.depot]\nurl = "s3://depot"\nendpoint = "https://depot.example"'
LATE = replace(GOOD, name="depot", archived={"db": NOW - timedelta(minutes=7)})
BY_ITSELF = ("[tls]", '[snapshots]\nevery = "6h"\nverify_every = "1d"\n\n[tls]')


@pytest.fixture
def seen(
    patient: Called, find: Find, reigns: Callable[[int, str], None]
) -> Callable[..., list[str]]:
    """What is said of one question where the vaults show this, and east reigns."""
    reigns(1, "east")

    def ask(
        name: str, *vaults: VaultSeen, standing: Standing = STANDING, changes: Any = ()
    ) -> list[str]:
        it = patient(*changes)
        it.__dict__["_look"] = Watched("chirp", NOW, standing, vaults or (GOOD,))
        found = find(points.of_points(it), name)
        return [f"{one.severity}: {one.finding}" for one in found]

    return ask


def test_a_point_by_hand_is_young_enough_for_a_day_and_a_bit(seen: Callable[..., Any]) -> None:
    (said,) = seen("point-age")
    assert said.startswith(f"note: {POINT} is young enough, and it was taken by hand")
    (late,) = seen("point-age", OLD)
    assert late.startswith("warning: In vault depot the newest recovery point is 3 days old; 26 h")


def test_a_point_that_servers_take_is_late_after_twice_their_interval(
    seen: Callable[..., Any],
) -> None:
    (well,) = seen("point-age", changes=[BY_ITSELF])
    assert well == f"ok: {POINT} is no older than 12 h, as the policy asks."
    twelve = replace(GOOD, name="depot", point=NOW - timedelta(hours=13))
    (late,) = seen("point-age", GOOD, twelve, changes=[BY_ITSELF])
    assert late.startswith("warning: In vault depot the newest recovery point is 13 h old")


def test_without_a_point_nothing_could_be_restored_and_that_is_critical(
    seen: Callable[..., Any],
) -> None:
    (said,) = seen("point-age", standing=replace(STANDING, newest_point=None, point_epoch=None))
    assert said == "critical: There is none: nothing could be restored."
    (said,) = seen("point-age", standing=replace(STANDING, epoch=2))
    assert said.startswith("warning: This reign has none")


def test_a_point_that_was_never_restored_is_told_as_that(seen: Callable[..., Any]) -> None:
    (well,) = seen("point-verified")
    assert well == f"ok: {POINT} came back whole 3 days ago, back in 42 s."
    (long_ago,) = seen("point-verified", changes=[BY_ITSELF])
    assert long_ago.startswith("warning: ")
    assert "2 days at most is asked" in long_ago
    never = replace(STANDING, verified_point=None, verified_at=None)
    (said,) = seen("point-verified", standing=never)
    assert said == "warning: None of this reign was ever restored on trial."


def test_a_vault_from_which_nothing_came_back_lately_is_named(
    seen: Callable[..., Any], vault: Vault
) -> None:
    two = [("[sites.east]", f"{DEPOT}\n\n[sites.east]")]
    proof = Verification(
        STANDING.verified_at or "", "liferaft 1", "east", 42.0, whole=True, parts=()
    )
    note_verification(vault, 1, POINT, "main", proof)
    note_verification(vault, 1, POINT, "depot", replace(proof, faults=("it is torn",)))
    well, depot = sorted(seen("point-verified", changes=two), reverse=True)
    assert well.startswith(f"ok: {POINT} came back whole")
    assert depot.startswith("note: From vault depot none of the last 10 trials")
    note_verification(vault, 1, "20261129T110000Z", "depot", proof)
    assert len(seen("point-verified", changes=two)) == 1, "an earlier point came back from there"


def test_an_archive_that_is_behind_everywhere_is_critical_and_in_one_vault_a_warning(
    seen: Callable[..., Any],
) -> None:
    (well,) = seen("archive")
    assert well.startswith("ok: Less than 5 min")
    (one,) = seen("archive", GOOD, LATE)
    assert one.startswith("warning: In vault depot the archive of db is 7 min old")
    (all_of_them,) = seen("archive", LATE)
    assert all_of_them.startswith("critical: ")
    (silent,) = seen("archive", LATE, VaultSeen("main", trouble="no answer"))
    assert silent.startswith("critical: "), "a vault that is silent is not taken for a good one"


def test_what_is_unfinished_and_what_serves_no_more_is_told_of_the_reign(
    seen: Callable[..., Any],
) -> None:
    (well,) = seen("epoch")
    assert well == "ok: Epoch 1: east reigns since 2026-11-22T14:00:00Z."
    gone = replace(STANDING, destroyed_at="2026-11-29T10:00:00Z", unfinished=("run-7",))
    critical, warning = seen("epoch", standing=gone)
    assert critical.startswith("critical: NOTHING SERVES: east was destroyed")
    assert warning == "warning: Run run-7 is unfinished."


def test_before_the_first_deploy_only_that_is_told(patient: Called, find: Find) -> None:
    checks = [*points.of_points(patient())]
    assert [one.name for one in checks] == ["epoch"]
    (one,) = find(checks, "epoch")
    assert (one.severity, one.mend) == ("note", "Begin with `liferaft deploy east`.")


@pytest.mark.usefixtures("east_reigns")
def test_a_trial_that_found_damage_is_critical_until_another_vault_is_good(
    patient: Called, vault: Vault, has_point: Callable[[int, str], None], find: Find
) -> None:
    has_point(1, POINT)
    torn = Verification(NOW.isoformat(), "liferaft 1", "east", 9.0, True, (), ("It is torn.",))
    note_verification(vault, 1, POINT, "main", torn)
    found = find(points.of_points(patient()), "point-whole")
    assert f"{POINT}, tried from vault main at {NOW.isoformat()}: It is torn." in {
        one.finding for one in found if one.severity == "critical"
    }
    note_verification(vault, 1, POINT, "depot", replace(torn, faults=()))
    found = find(points.of_points(patient()), "point-whole")
    assert "It is torn" in next(one.finding for one in found if one.severity == "warning")


@pytest.mark.usefixtures("east_reigns")
def test_what_a_failover_would_read_and_is_not_there_is_critical(
    patient: Called, vault: Vault, has_point: Callable[[int, str], None], find: Find
) -> None:
    has_point(1, POINT)
    (well,) = find(points.of_points(patient()), "point-whole")
    assert well.severity == "ok"
    vault.delete(EpochKeys(1).secrets)
    (one,) = find(points.of_points(patient()), "point-whole")
    assert one.severity == "critical"
    assert EpochKeys(1).secrets in one.finding
    assert one.mend


@pytest.mark.usefixtures("east_reigns")
def test_how_long_it_takes_is_a_note_until_it_was_measured(
    patient: Called, has_point: Callable[[int, str], None], find: Find
) -> None:
    has_point(1, POINT)
    (one,) = find(points.of_points(patient()), "time-back")
    assert one.severity == "note"
    assert "was not measured yet" in one.finding


def test_where_no_vault_says_who_reigns_that_is_critical(patient: Called, find: Find) -> None:
    told = patient()
    blind = Patient.of(told.config, dead_vault(), told.environ)
    (one,) = find(points.of_points(blind), "epoch")
    assert one.severity == "critical"
    assert one.finding.startswith("No: Vault depot")
