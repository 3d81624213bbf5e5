"""What would be lost: judged by the vaults that answer, and never taken for nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.bucket.kind import BucketKind
from liferaft.data.bucket.lag import lags_of
from liferaft.data.exposure import Backlog
from liferaft.data.postgres.kind import PostgresKind
from liferaft.evidence.loss import DataLoss, Loss, asked, judged, silences, unasked
from liferaft.evidence.loss_told import of_vault, sentence
from liferaft.evidence.standing import Standing
from liferaft.evidence.watch import Severity, VaultSeen, Watched
from liferaft.remote import Unreachable
from liferaft.site.world import World

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
STANDING = Standing(1, "east", "2026-11-22T14:00:00Z", None, "20261129T110000Z", ())
VAULTS = ("main", "depot")
DATABASE = DataLoss(
    "postgres", "db", (Backlog("main", 300.0, 9_000_000), Backlog("depot", 9.0, 200_000))
)


def seen(**troubles: str) -> Watched:
    at = NOW - timedelta(seconds=20)
    vaults = (VaultSeen(one, troubles.get(one), archived={"db": at}) for one in VAULTS)
    return Watched("chirp", NOW, STANDING, tuple(vaults))


def test_a_restore_takes_what_the_vault_has_that_is_least_behind() -> None:
    (found,) = judged([DATABASE], seen(), VAULTS)
    assert found.lost == Backlog("depot", 9.0, 200_000)


def test_a_vault_that_does_not_answer_gives_nothing_back() -> None:
    (found,) = judged([DATABASE], seen(depot="no answer"), VAULTS)
    assert found.lost == Backlog("main", 300.0, 9_000_000)
    assert "about 5 min (9.0 MB) of db" in sentence(Loss("aws", (found,)))


def test_a_vault_of_which_the_server_says_nothing_is_not_known() -> None:
    (found,) = judged([DataLoss("postgres", "db", DATABASE.vaults[:1])], seen(), VAULTS)
    (said,) = of_vault(Loss("aws", (found,)), "depot")
    assert said == "db NOT KNOWN (the server keeps nothing in it, or does not say)"


def test_no_object_that_is_known_does_not_mean_that_none_is_lost() -> None:
    """What came since the bucket was listed nobody has counted."""
    bucket = DataLoss("bucket", "media", (Backlog("main", 70.0, 0, 0),))
    (found,) = judged([bucket], seen(), VAULTS)
    assert "we lose about 70 s (0 objects known, 0.0 MB) of media" in sentence(
        Loss("aws", (found,))
    )


def test_where_the_server_is_silent_the_vaults_say_what_may_be_lost_at_most() -> None:
    (found,) = judged([DataLoss("postgres", "db", trouble="no answer")], seen(), VAULTS)
    assert found.is_bound
    assert "we lose up to about 20 s of db (as the vaults show it" in sentence(
        Loss("aws", (found,))
    )


def test_where_the_server_is_silent_notes_of_a_volumes_keepers_say_it() -> None:
    kept = {"main": NOW - timedelta(seconds=90), "depot": NOW - timedelta(seconds=30)}
    vaults = tuple(VaultSeen(name, kept={"files": moment}) for name, moment in kept.items())
    silent = DataLoss("volume", "files", trouble="no answer")
    (found,) = judged([silent], replace(seen(), vaults=vaults), VAULTS)
    assert "we lose up to about 30 s of files (as the vaults show it" in sentence(
        Loss("aws", (found,))
    )


def test_a_bucket_whose_keeper_says_nothing_is_an_unknown_part() -> None:
    (found,) = judged([DataLoss("bucket", "media", trouble="no answer")], seen(), VAULTS)
    assert found.lost is None
    assert "AN UNKNOWN PART of media" in sentence(Loss("aws", (found,)))
    assert found.to_json()["seconds"] is None


async def test_an_answer_that_makes_no_sense_is_told_and_hides_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers(*_: object) -> tuple[Backlog, ...]:
        return lags_of("1000.5\nmain soon\n")

    monkeypatch.setattr(PostgresKind, "exposure", answers)
    monkeypatch.setattr(BucketKind, "exposure", answers)
    for found in await asked(world):
        assert found.trouble is not None
        assert "answered cannot be read" in found.trouble


async def test_one_data_set_that_cannot_be_asked_hides_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers(*_: object) -> tuple[Backlog, ...]:
        return (Backlog("main", 9.0),)

    async def refuses(*_: object) -> tuple[Backlog, ...]:
        raise Unreachable("Server db-1 could not be reached.")

    monkeypatch.setattr(PostgresKind, "exposure", answers)
    monkeypatch.setattr(BucketKind, "exposure", refuses)
    database, bucket = await asked(world)
    assert (database.name, database.vaults) == ("db", (Backlog("main", 9.0),))
    assert (bucket.name, bucket.trouble) == ("media", "Server db-1 could not be reached")


def test_each_reason_is_one_alarm(config: Config) -> None:
    loss = Loss("aws", unasked(config, "the secrets cannot be opened"))
    (alarm,) = silences(loss)
    assert alarm.severity is Severity.WARNING
    assert alarm.said == "what would be lost is not known: the secrets cannot be opened"
    assert not list(silences(None))


def test_what_flows_says_what_is_not_there_yet(config: Config) -> None:
    flowing = [kind for kind in registry.kinds_of(config) if kind.flows]
    assert {kind.name for kind in flowing} == {"postgres", "bucket"}
    assert all("exposure" in vars(type(kind)) for kind in flowing)
