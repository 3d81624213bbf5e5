"""Where the application stands, read from the vault alone."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from liferaft.config import Config
from liferaft.data.postgres.layout import archive_in_vault
from liferaft.evidence.standing import Standing, standing
from liferaft.journal import RunName
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import Attendance, Vault

Reigns = Callable[[int, str], None]
Written = Callable[..., RunName]
SINCE = "2026-11-22T14:00:00Z"


def test_before_the_first_deploy_nothing_stands(config: Config, vault: Vault) -> None:
    begin = ("Begin with `liferaft deploy` of the primary.",)
    one = (Attendance("main", leads=True, answers=True, is_complete=True, left=0),)
    nothing = Standing(None, None, None, None, None, (), advice=begin, vaults=one)
    assert standing(config, vault) == nothing


def test_a_first_deploy_that_was_killed_is_told(
    config: Config, vault: Vault, journal: Written
) -> None:
    name = journal([], epoch=1, move="deploy", site="east")
    found = standing(config, vault)
    assert (found.epoch, found.unfinished) == (None, (str(name),))
    assert found.advice == ("Go on with what was not finished: `liferaft deploy east`.",)


def test_who_reigns_since_when_and_from_what_it_could_come_back(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    found = standing(config, vault)
    assert (found.epoch, found.site, found.since, found.newest_point) == (1, "east", SINCE, None)
    part = Part("postgres", "db", 1, SINCE, 1)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", SINCE, (part,)))
    assert standing(config, vault).newest_point == "20261122T140000Z"


def test_a_failover_is_unfinished_before_and_after_its_fence(
    config: Config, vault: Vault, reigns: Reigns, journal: Written
) -> None:
    reigns(1, "east")
    name = journal([], epoch=2)
    assert standing(config, vault).unfinished == (str(name),)
    reigns(2, "north")
    assert standing(config, vault).unfinished == (str(name),)


def test_a_finished_run_and_a_superseded_one_are_no_business_any_more(
    config: Config, vault: Vault, reigns: Reigns, journal: Written
) -> None:
    ended: list[tuple[float, str, dict[str, Any]]] = [(1.0, "run-finished", {})]
    reigns(1, "east")
    journal([], run="t1", epoch=2, site="west")
    reigns(2, "north")
    journal(ended, run="t2", epoch=2, site="north")
    assert standing(config, vault).unfinished == ()


def has_point(vault: Vault, epoch: int) -> None:
    part = Part("postgres", "db", epoch, SINCE, 1)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", epoch, "east", SINCE, (part,)))


def has_wal(vault: Vault, epoch: int, *names: str) -> None:
    for name in names:
        folder = f"{archive_in_vault(epoch)}/{name[:16]}"
        vault.put(f"{folder}/{name}-{'0' * 40}.gz", b"wal")


def test_the_point_of_an_earlier_reign_is_never_told_as_one_of_this_one(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    has_point(vault, 1)
    reigns(2, "north")
    has_wal(vault, 2, "000000020000000000000005")
    found = standing(config, vault)
    assert (found.epoch, found.point_epoch) == (2, 1)
    (advice,) = found.advice
    assert advice.startswith("Take a recovery point of this reign, `liferaft snapshot`")
    has_point(vault, 2)
    assert standing(config, vault).advice == ()


def test_until_when_data_is_safe_is_told_from_the_newest_wal_of_this_reign(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    has_point(vault, 1)
    assert standing(config, vault).archived_until is None
    assert "has nothing of this reign" in standing(config, vault).advice[0]
    began = datetime.now(UTC).replace(microsecond=0)
    has_wal(vault, 1, "0000000100000000000000FF", "000000010000000100000000")
    told = standing(config, vault).archived_until
    assert told is not None
    assert began <= datetime.fromisoformat(told) <= datetime.now(UTC)
    assert standing(config, vault).advice == ()


def test_an_archive_that_stands_still_is_told_with_what_to_do(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    has_point(vault, 1)
    has_wal(vault, 1, "000000010000000000000001")
    later = datetime.now(UTC) + timedelta(minutes=10)
    (advice,) = standing(config, vault, later).advice
    assert "600 s behind" in advice or "599 s behind" in advice
    assert "liferaft failover" in advice


def test_an_unfinished_run_is_the_first_thing_to_go_on_with(
    config: Config, vault: Vault, reigns: Reigns, journal: Written
) -> None:
    reigns(1, "east")
    journal([], epoch=2)
    assert standing(config, vault).advice[0].endswith("`liferaft failover north`.")


def test_an_application_without_anything_archived_is_not_told_that_its_archive_is_late(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    has_point(vault, 1)
    bucket = {name: data for name, data in config.data.items() if name == "media"}
    without = config.model_copy(update={"data": bucket})
    assert "archive" in str(standing(config, vault).advice)
    assert standing(without, vault).advice == ()


def test_to_say_where_things_stand_no_engine_and_no_step_is_loaded() -> None:
    looked = "import sys, liferaft.evidence.standing as s; from liferaft.data import registry"
    told = f"{looked}; registry.kinds(); registry.configs(); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True, timeout=60
    )
    ours = [name for name in ran.stdout.split() if name.startswith("liferaft.")]
    assert "liferaft.evidence.standing" in ours
    assert "liferaft.data.postgres.kind" in ours
    assert not [name for name in ours if "engine" in name or "actions" in name]
    assert not [name for name in ours if name.endswith((".steps", ".parts"))]


def test_a_vault_that_lacks_a_part_of_the_newest_point_is_told_with_the_reason(
    configured: Callable[..., Config], vault: Vault, reigns: Reigns
) -> None:
    keys = 'region = "r"\nendpoint = "https://s3.test"\n'
    second = f'[vaults.depot]\nurl = "s3://depot"\n{keys}\n[sites.east]'
    config = configured(("[sites.east]", second))
    reigns(1, "east")
    database = Part("postgres", "db", 1, SINCE, 1, vaults=("main", "depot"))
    facts = {"digest": "d", "names": [], "not_in": {"depot": "It was full."}}
    image = Part("image", "chirp-1", 1, SINCE, 1, facts, ("main",))
    older = Part("certificates", "certificates", 1, SINCE, 1)
    parts = (database, image, older)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", SINCE, parts))
    (said,) = standing(config, vault).not_in
    assert said == (
        "vault depot lacks image chirp-1 of recovery point 20261122T140000Z: It was full"
    )
