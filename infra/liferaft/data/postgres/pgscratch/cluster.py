"""The scratch cluster: restored, started apart from the living one, asked, stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .order import NotProven, ScratchOrder
from .programs import end_of, run

_POLL = 0.25
_KILLED = "was terminated by signal 9"
"""As PostgreSQL says it of one of its processes."""


def make_room(order: ScratchOrder) -> None:
    """The folder is there and empty; one whose copy is kept was made so beforehand. Raises
    NotProven where the disk has no room for the copy."""
    folder = Path(order.folder)
    if not order.keep:
        shutil.rmtree(folder, ignore_errors=True)
    free = shutil.disk_usage(folder.parent).free
    if free < order.need + order.floor:
        raise NotProven("space", f"{free} bytes are free of {order.need + order.floor}")
    folder.mkdir(mode=0o700, exist_ok=order.keep)
    order.socket.mkdir(mode=0o700)


def restore(order: ScratchOrder) -> None:
    """By pgBackRest, out of the one repository that its configuration has."""
    if order.lsn is None:
        until = ["--type=immediate"]
    else:
        until = ["--type=lsn", f"--target={order.lsn}", "--target-exclusive"]
    run(
        [
            *("pgbackrest", f"--config={order.config}", f"--stanza={order.stanza}"),
            *(f"--pg1-path={order.data}", f"--set={order.label}", "--archive-mode=off"),
            *(*until, "--target-action=promote"),
            "restore",
        ],
        "restore",
    )


@contextmanager
def started(order: ScratchOrder) -> Iterator[None]:
    """It answers, replayed and promoted to a history that nobody will ever archive."""
    (Path(order.folder) / "postgresql.conf").touch()
    (Path(order.folder) / "pg_hba.conf").write_text("local all all peer\n")
    (Path(order.folder) / "pg_ident.conf").touch()
    with order.log.open("wb") as log:
        try:
            server = subprocess.Popen(
                _argv(order), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError as missing:
            raise NotProven("program", f"{missing.filename} is not on this server") from None
    try:
        _wait(order, server)
        yield
    except NotProven as fault:
        # The copy goes first where memory ends: that says nothing of the backup.
        if _KILLED in order.log.read_text(errors="replace") or server.poll() == -signal.SIGKILL:
            raise NotProven("killed", str(fault), fault.code) from fault
        raise
    finally:
        if server.poll() is None:
            _stop(order, server)


def ask(order: ScratchOrder, statements: str, *, database: str = "postgres") -> str:
    """What psql answers. Raises NotProven."""
    words = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(order.socket), "-d", database)
    return run(words, "questions", stdin=statements)


def _argv(order: ScratchOrder) -> list[str]:
    """On the command line, where neither the files of the living cluster nor what its operator has
    set by ALTER SYSTEM can say otherwise."""
    settings = {
        "config_file": f"{order.folder}/postgresql.conf",
        "hba_file": f"{order.folder}/pg_hba.conf",
        "ident_file": f"{order.folder}/pg_ident.conf",
        "listen_addresses": "",
        "unix_socket_directories": str(order.socket),
        # `latest` would follow that of a copy that somebody promoted by mistake.
        "recovery_target_timeline": str(order.timeline),
        "archive_mode": "off",
        "archive_command": "/bin/false",
        "archive_library": "",
        "shared_preload_libraries": "",
        "session_preload_libraries": "",
        "logging_collector": "off",
        "autovacuum": "off",
        # Without clients while it replays, it does not need what the primary's settings were.
        "hot_standby": "off",
        "max_prepared_transactions": "100",
        "shared_buffers": "64MB",
        "ssl": "off",
        "fsync": "on" if order.keep else "off",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [f"{order.binaries}/postgres", "-D", str(order.data), *words]


def _wait(order: ScratchOrder, server: "subprocess.Popen[bytes]") -> None:
    """For as long as it lives: the unit that all of this runs in has the deadline."""
    argv = ["psql", "-XqAt", "-h", str(order.socket), "-d", "postgres", "-c", "select 1"]
    while subprocess.run(argv, capture_output=True, check=False).returncode != 0:
        if server.poll() is not None:
            raise NotProven("replay", end_of(order.log.read_text(errors="replace")))
        time.sleep(_POLL)


def _stop(order: ScratchOrder, server: "subprocess.Popen[bytes]") -> None:
    subprocess.run(
        [f"{order.binaries}/pg_ctl", "-D", str(order.data), "-m", "fast", "-w", "stop"],
        capture_output=True,
        check=False,
        env={**os.environ, "PGCTLTIMEOUT": "600"},
    )
    server.wait()
