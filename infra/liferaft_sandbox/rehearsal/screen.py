"""How the account of a rehearsal looks to a person."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def show(report: Mapping[str, Any], console: "Console | None" = None) -> None:
    """Print the figures, where the time went, and every promise; without a console, to stdout."""
    from rich import console as screens

    console = console or screens.Console(highlight=False)
    console.rule(f"[bold]The account of the rehearsal: {report['from']} → {report['to']}")
    for label, value in _figures(report):
        console.print(f"{label:<44}{value}")
    console.print()
    for line in _bars(report):
        console.print(line)
    console.print()
    for check in report["checks"]:
        console.print(f"{_mark(check)} {check['name']}: {check['detail']}")
    verdict = "[bold green]succeeded" if report["succeeded"] else "[bold red]FAILED"
    console.rule(f"{verdict}[/], seed {report['seed']}")


def _mark(check: Mapping[str, Any]) -> str:
    if check["kept"]:
        return "[green]kept  [/]"
    return "[bold yellow]LATE  [/]" if check["late"] else "[bold red]BROKEN[/]"


def _figures(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    tails = [tail for tail in report["resolver_tail_seconds"].values() if tail is not None]
    return [
        ("last good answer → first good write (RTO)", _seconds(report["rto_seconds"])),
        ("command → holding page first seen", _seconds(report["holding_page_seconds"])),
        ("command → first good write", _seconds(report["command_to_first_good_write"])),
        ("command → last resolver's users led here", _seconds(max(tails, default=None))),
        ("time lost (RPO, by the heartbeat)", _seconds(report["rpo_seconds"])),
        ("acknowledged writes", str(report["acknowledged_writes"])),
        ("of them lost", _lost(report)),
        ("critical path", _seconds(report["critical_path_seconds"])),
        (
            "requests to the primary after its end",
            str(report["requests_to_primary_after_termination"]),
        ),
    ]


def _lost(report: Mapping[str, Any]) -> str:
    if not report["lost"]:
        return "0"
    earliest = max(row["seconds_before_termination"] for row in report["lost"])
    return f"{report['lost_writes']}, the earliest {earliest:.1f} s before the termination"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _bars(report: Mapping[str, Any], width: int = 46) -> list[str]:
    steps = [step for step in report["steps"] if step["end"] is not None]
    whole = max((step["end"] for step in steps), default=1.0)
    rows = []
    for step in steps:
        before = int(width * step["start"] / whole)
        length = max(1, round(width * (step["end"] - step["start"]) / whole))
        style = "yellow" if step["name"] in report["critical_path"] else "cyan"
        bar = f"{' ' * before}[{style}]{'━' * length}[/]"
        rows.append(f"{step['name']:<16}{step['end'] - step['start']:6.1f} s  {bar}")
    return [*rows, "[yellow]━[/] critical path"]
