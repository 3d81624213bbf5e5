"""A list of names stops no failover: it ends before a host's answer would be cut off."""

import asyncio
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from liferaft.data.bucket import missing
from liferaft.data.bucket.missing import JOURNALED, missing_facts
from liferaft.data.bucket.progress import CopyProgress, progress_of
from liferaft.failures import DeadlinePassed
from liferaft.remote.contract import OUTPUT_LIMIT, Completed, Host


@dataclass
class ThisMachine:
    """Runs what it is told to, and has the names in a file."""

    file: Path

    async def run(self, argv: Sequence[str], **_: object) -> Completed:
        process = await asyncio.create_subprocess_exec(*argv, stdout=subprocess.PIPE)
        out, _err = await process.communicate()
        return Completed(process.returncode or 0, out, b"")

    def has(self, count: int, why: str) -> None:
        rows = (json.dumps({"key": f"k{n}", "why": why}) for n in range(count))
        self.file.write_text("".join(f"{row}\n" for row in rows))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ThisMachine:
    file = tmp_path / "names"
    monkeypatch.setattr(missing, "names_file", lambda *_: str(file))
    return ThisMachine(file)


def came(count: int) -> CopyProgress:
    first = {f"k{n}": "no vault has it" for n in range(min(count, 100))}
    return progress_of(json.dumps({"missing": first, "missing_count": count}), unit="")


async def told(host: object, count: int) -> dict[str, Any]:
    return dict(await missing_facts(cast("Host", host), "media", came(count)))


async def test_all_names_are_told_where_they_are_not_too_many(host: ThisMachine) -> None:
    host.has(3, "no vault has it")
    assert await told(host, 3) == {"missing_count": 3, "missing": ["k0", "k1", "k2"]}
    host.has(JOURNALED + 5, "x")
    assert len((await told(host, JOURNALED + 5))["missing"]) == JOURNALED
    assert await told(host, 0) == {"missing_count": 0}


async def test_long_reasons_cut_the_list_and_not_the_answer(host: ThisMachine) -> None:
    host.has(JOURNALED, "the site answered 400 InvalidArgument: " + "x" * 1500)
    assert host.file.stat().st_size > OUTPUT_LIMIT
    found = await told(host, JOURNALED)
    assert found["missing_count"] == JOURNALED
    assert found["missing"] == [f"k{n}" for n in range(len(found["missing"]))]
    assert len(found["missing"]) > 1000


async def test_a_server_that_is_slow_to_tell_them_stops_nothing() -> None:
    class Slow:
        async def run(self, *_: object, **__: object) -> Completed:
            raise DeadlinePassed("It did not end within 30 seconds.")

    found = await told(Slow(), 500)
    assert found == {"missing_count": 500, "missing": [f"k{n}" for n in range(100)]}
