"""Errors that nobody foresaw: kept for those who can mend them, told in plain words."""

import contextlib
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from liferaft.failures import Failure
from liferaft_cli import folders


def report(error: Exception) -> Failure:
    """The failure to show for a defect of ours; its traceback is in a file when this returns.

    The error's own words stay in the file, which only its owner can read: nobody foresaw them,
    so they may quote a secret.
    """
    saved = _save("".join(traceback.format_exception(error)))
    report = f"report the traceback in {saved}" if saved else "free some space, and report it"
    return Failure(
        f"liferaft itself has a defect: {type(error).__name__}",
        safe="What was finished stays finished, and nothing goes on in the background.",
        do=f"Run the same command again: it goes on from there. Should it fail again, {report}",
    )


def _save(text: str) -> Path | None:
    """Where it was written; None where nothing takes it."""
    with contextlib.suppress(OSError):
        return _write(folders.state() / "defects", text)
    with contextlib.suppress(OSError):  # a home that cannot be written to
        return _write(Path(tempfile.mkdtemp(prefix="liferaft-")), text)
    return None


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    path.touch(mode=0o600)
    path.write_text(f"{' '.join(sys.argv)}\n\n{text}", errors="backslashreplace")
    return path
