"""The end of the archive: reached, however the old primary goes on; a standby on paper, in which
every question to the host is answered as a real one would."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from liferaft.data.failures import ArchiveDamaged, ArchiveHole, VaultSilent
from liferaft.data.postgres import replay
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import GET, GET_END, Database
from liferaft.data.postgres.replay import Replayed, ReplayProgress, replay_seconds, replay_to_end
from liferaft.data.postgres.wal import SEGMENT_BYTES, Segment, format_lsn
from liferaft.failures import DeadlinePassed
from liferaft.remote.contract import Completed, Host
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from liferaft.remote.contract import Command

DATABASE = Database("chirp", "chirp", "password", "10.0.1.5", "10.0.0.0/16")
VAULT = VaultAccess("main", "b", "objects.test", 443, "r", "key", "secret", prefix="chirp/")
SHA1 = "57c0149b2479432d2bd41214dffdb8c0a0cc7e5a"


def name(number: int) -> str:
    return Segment(1, number).name


@dataclass
class OnPaper:
    """A standby that replays one segment each time that it is looked at, from an archive to which
    `grow` may add before each look."""

    archive: list[int]
    grow: Callable[[OnPaper], None] = lambda _: None
    damaged: int | None = None
    at: int = 4
    now: float = 1000.0
    log: list[str] = field(default_factory=list)
    end: str = ""
    asked: dict[str, list[str]] = field(default_factory=dict)
    """The vaults of each configuration that was put."""
    only_in: dict[int, str] = field(default_factory=dict)
    """Segments that one vault alone has."""
    silent: set[str] = field(default_factory=set)
    address: str = "192.0.2.1"
    slow: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    """Vaults that do not even speak HTTP."""
    fetches_in_vain: int | None = None
    """A segment that only a vault has which falls silent once it was listed."""

    async def run(self, command: Command, *, stdin: bytes = b"", **_: object) -> Completed:
        await asyncio.sleep(0)
        words = " ".join(command)
        if "curl" in words:
            dead = any(f"//{vault}.test" in words for vault in self.dead)
            return Completed(7 if dead else 0, b"", b"could not connect")
        if "repo-ls" in words:
            vault = self._vault(words)
            if vault in self.slow:
                raise DeadlinePassed("the listing did not end within its time")
            if vault in self.silent:
                return Completed(103, b"", b"unable to find a valid repository")
            held = [n for n in self.archive if self.only_in.get(n, vault) == vault]
            said = "\n".join(f"{name(n)}-{SHA1}.lz4" for n in held)
        elif "sha256sum" in words:
            said = ""
        elif "heartbeat" in stdin.decode():
            said = json.dumps([1, "2026-11-29T09:00:00+00:00"])
        elif "psql" in words:
            said = self._status()
        elif "date" in words:
            said = f"{self.now}"
        else:
            assert "get.log" in words
            said = "\n".join(self.log)
        return Completed(0, said.encode(), b"")

    async def put(self, path: str, content: bytes, **_: object) -> None:
        if path == GET_END:
            self.end = content.decode().strip()
        else:
            buckets = re.findall(r"^repo\d+-s3-bucket=(.+)$", content.decode(), re.MULTILINE)
            self.asked[path] = buckets

    def _vault(self, words: str) -> str:
        config, number = re.findall(r"--config=(\S+) --repo=(\d+)", words)[0]
        return self.asked[config][int(number) - 1]

    def _status(self) -> str:
        self.grow(self)
        self._fetch(self.at + 1)
        lsn = format_lsn((self.at + 1) * SEGMENT_BYTES)
        return json.dumps(
            {"in_recovery": True, "lsn": lsn, "recovering": 1, "writing": None, "system_id": "7"}
        )

    def _fetch(self, number: int) -> None:
        self.now += 1
        if self.end and name(number)[8:] > self.end[8:]:
            self.log.append(f"{self.now} 1 {name(number)}")
        elif number == self.damaged:
            place = f"15-1/0000000100000000/{name(number)}-{SHA1}.lz4"
            said = f"damaged {name(number)} 1 {place} [CryptoError] unable to flush"
            self.log.append(f"{self.now} {said}")
        elif number == self.fetches_in_vain:
            self.now += 20
            self.log.append(f"{self.now} silent {name(number)} {len(self.asked[GET])}")
            if self.now > 1200:
                self.fetches_in_vain = None
        elif number in self.archive:
            self.log.append(f"{self.now} 0 {name(number)}")
            self.at = number
        else:
            self.log.append(f"{self.now} 1 {name(number)}")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_POLL", 0.0)
    monkeypatch.setattr(replay, "LINGER_SECONDS", 0.05)


def archives(*vaults: str) -> list[Repository]:
    """By names, which are those of their buckets as well."""
    return [
        Repository(replace(VAULT, name=one, bucket=one, host=f"{one}.test"), 1, "passphrase")
        for one in vaults
    ]


async def replayed(
    paper: OnPaper,
    *,
    sources: Sequence[Repository] = (Repository(VAULT, 1, "passphrase"),),
    left_out: Sequence[Repository] = (),
    lose_from: str | None = None,
    progress: ReplayProgress | None = None,
) -> Replayed:
    host: Host = paper  # type: ignore[assignment]  # it answers what a replay asks
    return await replay_to_end(
        host,
        DATABASE,
        sources,
        left_out=left_out,
        timeline=1,
        deadline=20,
        lose_from=lose_from,
        progress=progress,
    )


async def test_everything_that_the_vault_holds_is_replayed() -> None:
    paper = OnPaper([3, 4, 5, 6, 7])
    done = await replayed(paper)
    assert (done.segment, done.beyond, paper.at) == (name(7), name(7), 7)


async def test_a_segment_that_arrives_after_the_listing_ends_the_replay_later_not_never() -> None:
    def one_more(paper: OnPaper) -> None:
        if paper.at == 9 and 10 not in paper.archive:
            paper.archive.append(10)

    paper = OnPaper([5, 6, 7, 8, 9], one_more)
    assert (await replayed(paper)).segment == name(10)


async def test_an_old_primary_that_archives_for_ever_does_not_hold_the_replay_up() -> None:
    def without_end(paper: OnPaper) -> None:
        paper.archive.append(max(paper.archive) + 1)

    progress = ReplayProgress()
    paper = OnPaper([5, 6], without_end)
    done = await replayed(paper, progress=progress)
    assert done.segment >= name(6)
    assert paper.end, "the end was settled: a promotion finds it as well"
    assert done.beyond > done.segment
    assert name(paper.at) == done.segment


async def test_a_damaged_segment_is_told_with_its_place_and_with_what_going_on_would_lose() -> None:
    paper = OnPaper([5, 6, 7, 8], damaged=6)
    with pytest.raises(ArchiveDamaged) as told:
        await replayed(paper)
    facts = told.value.facts
    assert facts.happened == (
        f"WAL file {name(6)} in vault main is damaged: [CryptoError] unable to flush."
    )
    assert "until 2026-11-29T09:00:00+00:00; nothing is promoted" in facts.safe
    assert "2 later ones" in facts.do
    assert facts.details["object"] == (
        f"chirp/epoch-00000001/pgbackrest/archive/main/15-1/0000000100000000/{name(6)}-{SHA1}.lz4"
    )
    paper.damaged = None
    assert (await replayed(paper)).segment == name(8)


async def test_whoever_names_the_damaged_segment_goes_on_to_just_before_it() -> None:
    paper = OnPaper([5, 6, 7, 8], damaged=6)
    done = await replayed(paper, lose_from=name(6))
    assert (done.segment, done.beyond, done.lost_from) == (name(5), name(8), name(6))
    assert paper.end == name(5), "a promotion would wait for the damaged one else"


@pytest.mark.parametrize("paper", [OnPaper([5, 6, 7, 8], damaged=6), OnPaper([5, 7, 8])])
async def test_no_other_segment_is_given_up_than_the_one_that_was_named(paper: OnPaper) -> None:
    with pytest.raises((ArchiveDamaged, ArchiveHole)) as told:
        await replayed(paper, lose_from=name(7))
    assert f"--lose-from {name(6)}" in told.value.facts.do


async def test_a_segment_that_was_given_up_and_is_whole_again_is_not_lost() -> None:
    done = await replayed(OnPaper([5, 6, 7]), lose_from=name(6))
    assert (done.segment, done.lost_from) == (name(7), None)


async def test_a_wait_says_what_for_and_what_it_sees() -> None:
    progress, seen = ReplayProgress(), list[str]()

    def watched(_: OnPaper) -> None:
        seen.append(progress.sees)

    await replayed(OnPaper([5, 6, 7], watched), progress=progress)
    assert any(f"waiting for {name(7)}, files of WAL left: 1" in one for one in seen)
    assert any(f"waiting for {name(8)}, or that it is nowhere" in one for one in seen)


def test_the_longer_the_archive_the_longer_a_replay_may_take() -> None:
    a_day, a_week = 8640, 7 * 8640
    assert replay_seconds(0) >= 3000
    assert replay_seconds(a_week) - replay_seconds(a_day) >= a_week - a_day


async def test_what_one_of_two_vaults_alone_has_is_waited_for() -> None:
    paper = OnPaper([5, 6, 7], only_in={6: "other", 7: "main"})
    done = await replayed(paper, sources=archives("main", "other"))
    assert done.segment == name(7)
    assert paper.asked[GET] == ["main", "other"], "the standby fetches from the same"


async def test_a_vault_that_falls_silent_stops_the_replay_with_words_on_what_to_do() -> None:
    paper = OnPaper([5, 6, 7], silent={"other"})
    with pytest.raises(VaultSilent, match="vault other") as told:
        await replayed(paper, sources=archives("main", "other"))
    assert "gone for good, run the same command again" in told.value.facts.do
    assert "answers you and not this server, take it out of liferaft.toml" in told.value.facts.do
    paper.silent = {"main"}
    with pytest.raises(VaultSilent) as alone:
        await replayed(paper, sources=archives("main"))
    assert "gone for good" not in alone.value.facts.do, "without a second one nothing is left"


async def test_a_vault_that_falls_silent_once_it_was_listed_stops_the_replay() -> None:
    paper = OnPaper([5, 6, 7], fetches_in_vain=6)
    with pytest.raises(VaultSilent, match="Vault other has not answered") as told:
        await replayed(paper, sources=archives("main", "other"))
    assert name(6) in str(told.value)
    assert told.value.facts.details["vault"] == "other"
    assert "gone for good, run the same command again" in told.value.facts.do


async def test_the_only_vault_is_waited_for_however_long_it_is_silent() -> None:
    assert (await replayed(OnPaper([5, 6, 7], fetches_in_vain=6))).segment == name(7)
