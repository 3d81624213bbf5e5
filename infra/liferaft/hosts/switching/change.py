"""The change itself: what runs is stopped, other files take its place, and they are started."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from .containers import look, remove, run
from .files import contents, services
from .network import fit
from .order import UNITS, Order
from .watch import Watch

LOOK_SECONDS = 0.25


def is_done(order: Order) -> bool:
    """The staged files are in their place, and containers of the images that they name stay up: a
    command that is repeated because its connection was lost restarts nothing.
    """
    folder, staged = Path(order.folder), Path(order.staged)
    wanted, unit = contents(staged), UNITS / order.unit
    if not folder.exists() or not unit.exists():
        return False
    if contents(folder) != wanted or unit.read_bytes() != wanted.get(order.unit):
        return False
    if run("systemctl", "is-enabled", "--quiet", order.unit).returncode:
        return False
    seen, now = look(order.project), time.time()
    for name, service in services(staged).items():
        container = seen.get(name)
        if container is None or not container.lasts(now, order.stays, order.again):
            return False
        named = run("podman", "image", "inspect", "--format", "{{.Id}}", service["image"])
        if named.stdout.strip() != container.image:
            return False
    return True


def replace(order: Order, source: Path) -> tuple[str, str]:
    """Run the files of `source`; outcome and reason."""
    try:
        names = tuple(services(source))
        _install(order, source)
        return _start(order, names)
    except Exception as error:  # noqa: BLE001 - whatever it was, something is stopped and waits
        return "broken", words(error)


def words(error: Exception) -> str:
    """An error that nobody foresaw, for the report."""
    return f"{type(error).__name__}: {error}"


def _install(order: Order, source: Path) -> None:
    """Stop what runs and put the files of `source` in the place of its own."""
    folder, gone = Path(order.folder), Path(f"{order.folder}.gone")
    unit = UNITS / f".{order.unit}"
    shutil.copy2(source / order.unit, unit)
    shutil.rmtree(gone, ignore_errors=True)
    run("systemctl", "stop", order.unit)
    remove(order.project)
    fit(order.project)
    if folder.exists():
        folder.rename(gone)
    source.rename(folder)
    unit.rename(UNITS / order.unit)
    shutil.rmtree(gone, ignore_errors=True)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--quiet", order.unit)


def _start(order: Order, names: Sequence[str]) -> tuple[str, str]:
    """Start the unit and wait until the services stay up, or never will; outcome and reason."""
    end = time.monotonic() + order.seconds
    # `restart`, because an active one-shot unit whose containers were removed does not start again.
    run("systemctl", "restart", order.unit)
    watch = Watch(names, order.stays, order.again)
    while True:
        seen = look(order.project)
        verdict = watch.verdict(seen, time.monotonic())
        if verdict:
            return verdict
        if time.monotonic() > end:
            states = ", ".join(f"{name} is {seen[name].status}" for name in names)
            return "unsteady", f"{states} after {order.seconds:g} s"
        time.sleep(LOOK_SECONDS)
