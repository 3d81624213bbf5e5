"""Changes what runs on a server, as a program there: a lost connection leaves no half of it.

This file and `watch` are sent as they are and run by the server's own Python (Debian 12: 3.11, with
the PyYAML that podman-compose needs); nothing else of ours is there. What would replace running
containers is tried before they are stopped. If the new ones do not stay up, the old ones run again,
from the very images that they ran from: their names may mean others by now.
"""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from liferaft.hosts.watch import STEADY, Watch, ids, look, run

UNITS = Path("/etc/systemd/system")
TRIAL = "liferaft-trial"
"""The project of containers that are made and never started."""
LOOK_SECONDS = 0.25
LINE = 4000
"""Characters: a longer line of a log is a dump, and left out."""
TELLING = 4
"""Characters: shorter values, such as `1` or `yes`, are in any text and tell nothing."""
APP_ENV = "app.env"
ENVIRONMENT = "environment."
"""Files of what containers are told: all of them, and each service by its name."""
FORGOTTEN_SECONDS = 3600
"""Files that were staged so long ago are of a command that was killed, and wait for nobody."""


@dataclass(frozen=True)
class Order:
    """What to do.

    Attributes:
        folder: where the workload's files lie; beside it is what they become and what they were.
        staged: the folder with the new files, the unit among them.
        seconds: how long containers may take until they stay up.
        stays: seconds that a container has to run on for that.
        again: the same for one that has ended before.
        sign: a file that is there from the stop on, until somebody has seen the app well; if the
            new containers do not stay up, it goes. Empty for none.
    """

    folder: str
    staged: str
    unit: str
    project: str
    seconds: float
    stays: float
    again: float
    sign: str = ""


@dataclass(frozen=True)
class Report:
    """What came of it.

    Attributes:
        outcome: `steady`; `unprepared`, when the server could not make ready, and `refused`, when
            podman would not make the containers: nothing was stopped then; `missing`, when it did
            not make them; `unsteady`, when they do not stay up; `broken`, when the change did not
            come so far.
        why: of which services, and what was seen.
        back: of what ran before: `nothing`, `yes`, `no`, or `another epoch`, which stays stopped.
    """

    outcome: str
    why: str = ""
    logs: str = ""
    back: str = "nothing"


def switch(order: Order) -> Report:
    """Run what is staged in the place of what runs. Does nothing if that runs well already."""
    begun = int(time.time())
    try:
        if _runs_already(order):
            return Report(STEADY)
        epoch, refused = _epoch(Path(order.staged)), _prepared(order)
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing has been stopped yet
        return Report("unprepared", _words(error), back="yes")
    if refused:
        return Report("refused", *refused, back="yes")
    _signed(order)
    outcome, why = _replaced(order, Path(order.staged))
    if outcome == STEADY:
        shutil.rmtree(_before(order), ignore_errors=True)
        return Report(outcome)
    report = Report(outcome, why, _logs(order, begun), _gone_back(order, epoch))
    if order.sign:
        Path(order.sign).unlink(missing_ok=True)
    return report


def _signed(order: Order) -> None:
    """Where nobody reads signs yet, there is no folder for them."""
    if order.sign and Path(order.sign).parent.is_dir():
        with suppress(OSError):  # a page that says too little must not keep the app from starting
            Path(order.sign).touch()


def _gone_back(order: Order, epoch: str) -> str:
    """What became of the way back: see Report."""
    before = _before(order)
    if not before.exists():
        return "nothing"
    if _epoch(before) != epoch:
        return "another epoch"
    outcome, _ = _replaced(order, before)
    return "yes" if outcome == STEADY else "no"


def _before(order: Order) -> Path:
    return Path(f"{order.folder}.before")


def _runs_already(order: Order) -> bool:
    """These files are in their place, and containers of the images that they name stay up: a
    command that is repeated because its connection was lost restarts nothing.
    """
    folder, staged = Path(order.folder), Path(order.staged)
    wanted, unit = _contents(staged), UNITS / order.unit
    if not folder.exists() or not unit.exists():
        return False
    if _contents(folder) != wanted or unit.read_bytes() != wanted.get(order.unit):
        return False
    if run("systemctl", "is-enabled", "--quiet", order.unit).returncode:
        return False
    seen, now = look(order.project), time.time()
    for name, service in _services(staged).items():
        container = seen.get(name)
        if container is None or not container.lasts(now, order.stays, order.again):
            return False
        named = run("podman", "image", "inspect", "--format", "{{.Id}}", service["image"])
        if named.stdout.strip() != container.image:
            return False
    return True


def _prepared(order: Order) -> tuple[str, str] | None:
    """Do what can be done before anything is stopped: keep what runs, try what is to run, which is
    whole. Returns what podman refuses, see `_refused`; then nothing is left behind.
    """
    staged = Path(order.staged)
    (staged / "compose.yaml").read_bytes()
    shutil.copy2(staged / order.unit, UNITS / f".{order.unit}")
    if not look(order.project):
        return None
    kept, refused, fits = _kept(order), None, False
    try:
        refused = _refused(order)
        fits = refused is None
    finally:
        if kept and not fits:
            shutil.rmtree(_before(order))
    os.sync()  # what was kept is there after a power cut, too
    return refused


def _kept(order: Order) -> bool:
    """Keep a copy of what runs, if it runs well; whether it does.

    If not all of it does, a copy that is there stays: it is of a change that was killed half way.
    """
    folder, before, now = Path(order.folder), _before(order), time.time()
    if not (folder / "compose.yaml").exists():
        return False
    document = yaml.safe_load((folder / "compose.yaml").read_text())
    services, seen = document["services"], look(order.project)
    well = [
        name
        for name in services
        if name in seen and seen[name].lasts(now, order.stays, order.again)
    ]
    if not well or (len(well) < len(services) and before.exists()):
        return False
    copy = Path(f"{before}.new")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    if (UNITS / order.unit).exists():
        shutil.copy2(UNITS / order.unit, copy / order.unit)
    for name in services.keys() & seen.keys():
        services[name]["image"] = seen[name].image
    (copy / "compose.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    shutil.rmtree(before, ignore_errors=True)
    copy.rename(before)
    return True


def _refused(order: Order) -> tuple[str, str] | None:
    """Which services podman makes no container for, and its words; None if it makes them all.

    The containers are of a project of their own and never started.
    """
    argv = ["podman-compose", "-p", TRIAL, "-f", "compose.yaml", "up", "--no-start", "--no-build"]
    _remove(TRIAL)  # what a trial that was killed left would pass for made
    try:
        said = run(*argv, folder=order.staged)
        made = look(TRIAL)
        missing = [name for name in _services(Path(order.staged)) if name not in made]
    finally:
        _remove(TRIAL)
        run("podman", "network", "rm", "--force", f"{TRIAL}_default")
        volumes = ["--quiet", "--filter", f"label=io.podman.compose.project={TRIAL}"]
        for volume in run("podman", "volume", "ls", *volumes).stdout.split():
            run("podman", "volume", "rm", "--force", volume)
    words = (said.stdout + said.stderr).splitlines()[-20:]
    return (", ".join(missing), "\n".join(words)) if missing else None


def _replaced(order: Order, source: Path) -> tuple[str, str]:
    """Outcome and reason of a change to the files of `source`."""
    try:
        services = tuple(_services(source))
        _install(order, source)
        return _started(order, services)
    except Exception as error:  # noqa: BLE001 - whatever it was, something is stopped and waits
        return "broken", _words(error)


def _install(order: Order, source: Path) -> None:
    """Stop what runs and put the files of `source` in the place of its own."""
    folder, gone = Path(order.folder), Path(f"{order.folder}.gone")
    unit = UNITS / f".{order.unit}"
    shutil.copy2(source / order.unit, unit)
    shutil.rmtree(gone, ignore_errors=True)
    run("systemctl", "stop", order.unit)
    _remove(order.project)
    if folder.exists():
        folder.rename(gone)
    source.rename(folder)
    unit.rename(UNITS / order.unit)
    shutil.rmtree(gone, ignore_errors=True)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--quiet", order.unit)


def _started(order: Order, services: Sequence[str]) -> tuple[str, str]:
    """Outcome and reason of a start."""
    end = time.monotonic() + order.seconds
    # `restart`, because an active one-shot unit whose containers were removed does not start again.
    run("systemctl", "restart", order.unit)
    watch = Watch(services, order.stays, order.again)
    while True:
        seen = look(order.project)
        verdict = watch.verdict(seen, time.monotonic())
        if verdict:
            return verdict
        if time.monotonic() > end:
            states = ", ".join(f"{name} is {seen[name].status}" for name in services)
            return "unsteady", f"{states} after {order.seconds:g} s"
        time.sleep(LOOK_SECONDS)


def _logs(order: Order, begun: int) -> str:
    """The last lines of the unit, where podman's own words are, and of each container.

    A line is whole or left out: in a part of one nobody would recognise the half of a secret.
    """
    journal = ["--no-pager", "--quiet", "--lines", "20", "--since", f"@{begun}"]
    said = run("journalctl", *journal, "--unit", order.unit).stdout
    for container in look(order.project).values():
        own = run("podman", "logs", "--tail", "20", container.name)
        said += f"== {container.name}\n{own.stdout}{own.stderr}"
    return "".join(
        line if len(line) <= LINE else f"(a line of {len(line)} characters)\n"
        for line in _struck(said, _before(order)).splitlines(keepends=True)
    )


def _struck(text: str, folder: Path) -> str:
    """The text without what the containers before were told: it may have changed since, and whoever
    gets the text knows the new values alone.
    """
    files = [folder / APP_ENV, *folder.glob(f"{ENVIRONMENT}*")]
    lines = "".join(file.read_text() for file in files if file.exists()).splitlines()
    told = [(name, value) for name, _, value in (line.partition("=") for line in lines)]
    for name, value in sorted(told, key=lambda each: len(each[1]), reverse=True):
        if len(value) >= TELLING:
            text = text.replace(value, f"[{name}]")
    return text


def _contents(folder: Path) -> Mapping[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def _services(folder: Path) -> Mapping[str, Any]:
    services: Mapping[str, Any] = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    return services


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _epoch(folder: Path) -> str:
    """The reign that the variables in `folder` name: containers of another one must not serve."""
    told = folder / APP_ENV
    lines = told.read_text().splitlines() if told.exists() else []
    return next((line for line in lines if line.startswith("LIFERAFT_EPOCH=")), "")


def _remove(project: str) -> None:
    found = ids(project)
    if found:
        said = run("podman", "rm", "--force", *found)
        if ids(project):  # one that stays would pass for a new one
            raise RuntimeError(f"podman does not remove containers: {said.stderr.strip()}")


def main(text: str) -> None:
    """Do what the order in JSON says, one at a time on this server; print the report in JSON."""
    order = Order(**json.loads(text))
    for ending in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ending, signal.SIG_IGN)
    with Path(f"{order.folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for other in Path(order.folder).parent.glob(f"{Path(order.folder).name}.next-*"):
            if time.time() - other.stat().st_mtime > FORGOTTEN_SECONDS:
                shutil.rmtree(other)
        report = switch(order)
        shutil.rmtree(order.staged, ignore_errors=True)
    sys.stdout.write(json.dumps(asdict(report)))


if __name__ == "__main__":
    main(sys.argv[1])
