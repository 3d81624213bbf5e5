"""`python -m benchmarks.engine`: how fast the embedded engine is, and the Pulumi CLI beside it.

A program of 100 resources whose provider answers at once, a state in a folder, a passphrase: first
preview, first up, an up and a preview without a change; the median of three rounds, each with a
stack of its own. Then 1,000 resources. Where `pulumi` is on PATH, it does the same in the same
rounds. The figures go to docs/engine-benchmark.json, with the machine's load beside them.
"""

import asyncio
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from liferaft.provision.engine.contract import OperationEvent, Request, StateLocation
from liferaft.provision.engine.embedded.engine import EmbeddedEngine

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = ROOT / "docs/engine-benchmark.json"
ROUNDS: Final = 3
MANY: Final = 1000
LIMITS: Final = {"first up": 2.5, "no-change up": 2.0, "preview": 1.2}
"""Seconds for 100 resources, import of pulumi included."""
GROWTH: Final = 12.0
"""How many times the first up of 100 that of 1,000 may take."""
PROGRAM: Final = '''"""SIZE resources: networks, servers in them, volumes at the servers."""
import pulumi


class Thing(pulumi.CustomResource):
    address: pulumi.Output[str]

    def __init__(self, name, **props):
        super().__init__("instant:index:Thing", name, {**props, "address": None})


tenth = SIZE // 10
nets = [Thing(f"net-{i}", size=i) for i in range(tenth)]
webs = [Thing(f"web-{i}", size=i, net=nets[i % tenth].id) for i in range(tenth * 5)]
vols = [Thing(f"vol-{i}", size=i, web=webs[i].id) for i in range(tenth * 4)]
pulumi.export("addresses", [web.address for web in webs])
'''
Operation = Callable[[], Awaitable[None]]


class Failed(Exception):
    """What was to be measured did not work; the text says what and why."""


@dataclass(frozen=True)
class Bench:
    """A program of `size` resources and a fresh state, in a folder of its own."""

    folder: Path
    size: int

    @classmethod
    def laid_out(cls, folder: Path, size: int) -> "Bench":
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM.replace("SIZE", str(size)))
        (folder / "state").mkdir()
        return cls(folder, size)


def embedded(bench: Bench) -> Mapping[str, Operation]:
    """The operations to time, in their order, through the engine's public face."""
    request = Request(
        program=bench.folder,
        project="bench",
        stack="dev",
        state=StateLocation(f"file://{bench.folder}/state"),
        passphrase="benchmark",  # noqa: S106 - of a state that is thrown away
        environment={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        providers={"instant": "benchmarks.instant:provider"},
    )
    engine = EmbeddedEngine(os.environ)

    def of(name: str) -> Operation:
        async def operate() -> None:
            outcome = await getattr(engine, name)(request, _unheard)
            if not outcome.ok:
                raise Failed(f"{name}: {outcome.errors}")

        return operate

    return {
        "preview": of("preview"),
        "first up": of("up"),
        "no-change up": of("up"),
        "no-change preview": of("preview"),
    }


def cli(bench: Bench) -> Mapping[str, Operation]:
    """The same by the Pulumi CLI; the provider is a plugin on PATH then."""
    plugins = bench.folder / "plugins"
    plugins.mkdir()
    plugin = plugins / "pulumi-resource-instant"
    plugin.write_text(f'#!/bin/sh\nexec {sys.executable} -m benchmarks.instant "$@"\n')
    plugin.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{plugins}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PULUMI_BACKEND_URL": f"file://{bench.folder}/state",
        "PULUMI_HOME": str(bench.folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "benchmark",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }

    def of(*words: str) -> Operation:
        async def operate() -> None:
            done = await asyncio.create_subprocess_exec(
                "pulumi",
                *words,
                "--non-interactive",
                cwd=bench.folder,
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await done.communicate()
            if done.returncode:
                raise Failed(f"pulumi {words[0]}: {said.decode()[-2000:]}")

        return operate

    up = of("up", "--yes", "--skip-preview", "--stack", "dev")
    preview = of("preview", "--stack", "dev")
    return {
        "stack init": of("stack", "init", "dev"),
        "preview": preview,
        "first up": up,
        "no-change up": up,
        "no-change preview": preview,
    }


def _unheard(_: OperationEvent) -> None:
    """Progress is not what is measured, but its way here is."""


async def timed(operations: Mapping[str, Operation]) -> dict[str, float]:
    """Seconds of wall clock for each."""
    taken = {}
    for name, operate in operations.items():
        begun = time.perf_counter()
        await operate()
        taken[name] = time.perf_counter() - begun
    return taken


def import_seconds() -> float:
    """What `import pulumi` takes in a fresh interpreter: part of every figure, and not ours."""
    code = "import time; t = time.perf_counter(); import pulumi; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(median(taken[name] for taken in rounds), 2) for name in rounds[0]}


def faults(hundred: Mapping[str, float], thousand: Mapping[str, float]) -> list[str]:
    """The limits that do not hold, as sentences."""
    found = [
        f"{name}: {hundred[name]:.2f} s for 100 resources, {limit} s allowed"
        for name, limit in LIMITS.items()
        if hundred[name] > limit
    ]
    growth = thousand["first up"] / hundred["first up"]
    if growth > GROWTH:
        found.append(f"1,000 resources take {growth:.1f} times as long as 100; {GROWTH} allowed")
    return found


def table(figures: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each operation, a column for each engine and size."""
    names = [name for name in next(iter(figures.values())) if name != "stack init"]
    width = max(map(len, (*names, *figures)))
    rows = [["seconds", *figures]]
    rows += [[name, *(f"{taken[name]:.2f}" for taken in figures.values())] for name in names]
    return "\n".join("  ".join(cell.ljust(width) for cell in row).rstrip() for row in rows)


async def measured(work: Path) -> dict[str, dict[str, float]]:
    """Medians by who did it; the two engines take turns, so that load meets both."""
    real = shutil.which("pulumi") is not None
    ours, theirs = [], []
    for number in range(ROUNDS):
        ours.append(await timed(embedded(Bench.laid_out(work / f"embedded-{number}", 100))))
        if real:
            theirs.append(await timed(cli(Bench.laid_out(work / f"cli-{number}", 100))))
    figures = {"embedded, 100": medians(ours)}
    if theirs:
        figures["Pulumi CLI, 100"] = medians(theirs)
    many = await timed(embedded(Bench.laid_out(work / "embedded-many", MANY)))
    figures["embedded, 1,000"] = medians([many])
    return figures


def main() -> None:
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measured(Path(folder)))
    imported = round(median(import_seconds() for _ in range(ROUNDS)), 2)
    print(table(figures))
    print(f"import pulumi, part of each of ours: {imported:.2f} s")
    if "Pulumi CLI, 100" not in figures:
        print("pulumi CLI: not run here")
    print(f"load average before: {load_before:.1f}, cores: {os.cpu_count()}")
    found = {
        "taken": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average_before": round(load_before, 1),
        "pulumi_sdk": version("pulumi"),
        "pulumi_cli": "run" if "Pulumi CLI, 100" in figures else "not run here",
        "import_pulumi_seconds": imported,
        "seconds": figures,
        "limits": LIMITS,
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    wrong = faults(figures["embedded, 100"], figures["embedded, 1,000"])
    if wrong:
        sys.exit("; ".join(wrong))


if __name__ == "__main__":
    main()
