"""The keeper's own program, in folders of the test: how long it pauses between two copies."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from liferaft.data.bucket_keeper import KEEPERS, KEPT
from liferaft.data.contract import FILES

MOST = 10.0
"""Seconds, as the program says."""


def pauses(folder: Path, copies: Sequence[float]) -> list[float | None]:
    """What the keeper sleeps after copies that took that many seconds; None: it did not."""
    for name in ("keepers", "kept", "bin", "copies"):
        (folder / name).mkdir()
    program = (FILES / "bucket-keeper").read_text()
    assert KEPT in program
    assert KEEPERS in program
    program = program.replace(KEPT, f"{folder}/kept").replace(KEEPERS, f"{folder}/keepers")
    (folder / "bin/bucket-keeper").write_text(program)
    for number, seconds in enumerate(copies):
        (folder / f"copies/{number}").write_text(f"{seconds}\n")
    copy = f"""
        next=$(ls {folder}/copies | sort -n | head -n 1)
        [ "$next" ] || exit 42
        echo copy >>{folder}/log
        seconds=$(cat {folder}/copies/$next)
        rm {folder}/copies/$next
        exec /bin/sleep $seconds
    """
    (folder / "copy").write_text(copy)
    (folder / "keepers/media").write_text(f"bash\n{folder}/copy\n")
    (folder / "bin/sleep").write_text(f'#!/bin/sh\necho "$1" >>{folder}/log\n')
    (folder / "bin/sleep").chmod(0o755)
    ended = subprocess.run(
        ["bash", folder / "bin/bucket-keeper", "media"],
        env={"PATH": f"{folder}/bin:{os.environ['PATH']}"},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 42
    found: list[float | None] = []
    for line in (folder / "log").read_text().split():
        if line == "copy":
            found.append(None)
        else:
            found[-1] = float(line)
    return found


def test_a_short_outage_is_no_measure_and_the_next_copy_begins_at_once(tmp_path: Path) -> None:
    first, stalled, after = pauses(tmp_path, [0, 4, 0])
    assert first == pytest.approx(1.0)
    assert stalled is None
    assert after == pytest.approx(1.0)


def test_a_pause_is_never_long_however_long_the_first_copy_took(tmp_path: Path) -> None:
    [first] = pauses(tmp_path, [MOST / 2 + 0.5])
    assert first == pytest.approx(MOST)


def test_a_large_bucket_is_not_listed_without_pause(tmp_path: Path) -> None:
    first, second = pauses(tmp_path, [1, 1])
    assert first is not None
    assert second is not None
    assert first >= 2
    assert second >= 2
