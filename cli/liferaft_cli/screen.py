"""How a plan and its run look to a person. Talk goes to stderr; stdout is for `--json`."""

import json
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from liferaft.moves.runner import StepEvent
    from liferaft.plan.plan import Plan
    from liferaft.provision.engine.contract import Outcome
    from liferaft.site.costs import StandbyCosts

UNANSWERED = (click.Abort, OSError, ValueError)
"""How an answer is wanting: Ctrl-C, the end of input, or an input that cannot be read."""
_SIGNS = {"started": "…", "done": "✓", "held": "=", "failed": "✗"}
_STYLES = {"started": "yellow", "done": "green", "held": "dim", "failed": "bold red"}
_WORDS = {"started": "begins", "done": "done", "held": "holds already", "failed": "FAILED"}


def show_plan(plan: "Plan") -> None:
    """Print the plan: a numbered sentence a step, what each waits for, and the graph in waves."""
    numbers = {step.name: number for number, step in enumerate(plan.order(), 1)}
    click.secho(f"Plan: {plan.move} of {plan.site}, epoch {plan.epoch}", bold=True, err=True)
    if (at := getattr(plan.inputs, "at", None)) is not None:
        click.secho(
            f"As of {at} (UTC): what was written to the database then or later is DROPPED. Objects "
            "of buckets come back as they are now.",
            fg="yellow",
            err=True,
        )
    for step in plan.order():
        after = ", ".join(
            str(numbers[need]) for need in sorted(step.needs, key=numbers.__getitem__)
        )
        mark = "  ← point of no return" if step.point_of_no_return else ""
        line = f"{numbers[step.name]:>3}. {step.sentence}"
        click.echo(f"{line}{f'   (after {after})' if after else ''}{mark}", err=True)

    click.echo(f"     {_graph(plan)}", err=True)


def _graph(plan: "Plan") -> str:
    """The steps by number: those in one pair of brackets may run at the same time."""
    numbers = {step.name: number for number, step in enumerate(plan.order(), 1)}
    waves = [sorted(numbers[step.name] for step in wave) for wave in plan.levels()]
    return " → ".join(f"[{' '.join(str(number) for number in wave)}]" for wave in waves)


def show_changes(
    site: str,
    outcome: "Outcome",
    *,
    as_json: bool,
    workload: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
) -> None:
    """What an engine found, on stdout. JSON: `changes` (operation → count), `steps` (operation,
    URN), and `workload` and `notes`, where they were asked for."""
    if as_json:
        asked = {"workload": workload, "notes": notes}
        told = {name: list(said) for name, said in asked.items() if said is not None}
        found = {"changes": dict(outcome.changes), "steps": outcome.steps, **told}
        click.echo(json.dumps(found, indent=2))
        return
    for operation, urn in outcome.steps:
        if operation != "same":
            kind, _, name = urn.split("::", 2)[2].partition("::")
            click.echo(f"{operation:>8}  {kind.rpartition('$')[2]}  {name}")
    counts = ", ".join(f"{count} {operation}" for operation, count in outcome.changes.items())
    click.echo(f"{site}: {counts or 'nothing to do'}")
    for sentence in workload or ():
        click.echo(sentence)


def show_workload(changes: Sequence[str]) -> None:
    """What a deploy changes in what the application runs, beside its steps."""
    for sentence in changes:
        click.echo(f"     {sentence}", err=True)


def show_follow_up(epoch: int) -> None:
    """What comes after a plan by itself."""
    click.echo(
        f"     Then, as a run of its own, a recovery point: epoch {epoch} has none yet.", err=True
    )


def show_costs(costs: "StandbyCosts | None") -> None:
    """What a site that does not reign costs by the month; nothing of one that does."""
    if costs is not None:
        click.echo(f"     {costs.sentence}", err=True)


def show_times(sentences: Sequence[str]) -> None:
    """How long data takes to come back, as far as that was measured."""
    for sentence in sentences:
        click.echo(f"     {sentence}", err=True)


def show_notes(notes: Sequence[str]) -> None:
    """What is not as it should be in the vault or the account, and stops nothing."""
    for note in notes:
        click.secho(f"     {note}", fg="yellow", err=True)


def ask(question: str, *, yes: bool) -> bool:
    """Ask before the world is changed; `--yes` answers. Ctrl-C and the end of input are no yes."""
    if yes:
        return True
    try:
        return click.confirm(question, err=True)
    except UNANSWERED:
        click.echo(err=True)
        return False


def ask_for_name(site: str, why: str, *, scripts: str) -> bool:
    """As `ask`, for what cannot be taken back: only the site's name is an answer.

    why: a sentence that says what cannot. scripts: the option by which they answer.
    """
    question = f"{why} Type {site} to agree"
    try:
        answer = click.prompt(question, default="", show_default=False, err=True)
    except UNANSWERED:
        click.echo(err=True)
        answer = ""
    if answer != site:
        click.echo(f"Its name was not typed; scripts give {scripts}.", err=True)
    return bool(answer == site)


class PlanProgress:
    """Shows a run as it goes: a live table on a terminal, a line an event elsewhere."""

    def __init__(self, plan: "Plan") -> None:
        self.began = time.monotonic()
        self.rows: dict[str, tuple[str, str, float, float | None]] = {
            step.name: ("", step.sentence, 0.0, None) for step in plan.order()
        }
        self.seen: dict[str, str] = {}
        """What steps that wait see."""
        self.told: list[str] = []
        """What has to be known at the end though nothing failed."""
        self.live: Live | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        if console.is_terminal:
            self.live = Live(
                get_renderable=self.table, console=console, refresh_per_second=4, transient=False
            )
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.live is not None:
            self.live.stop()
        for sentence in self.told:
            click.echo(sentence, err=True)

    def __call__(self, event: "StepEvent") -> None:
        from liferaft.plan.telling import TOLD

        now = time.monotonic() - self.began
        if event.kind == "waits":
            self._waits(event, now)
            return
        self.seen.pop(event.step, None)
        self.told += event.facts.get(TOLD, ())
        _, sentence, started, _ = self.rows[event.step]
        if event.kind == "started":
            self.rows[event.step] = (event.kind, sentence, now, None)
        else:
            self.rows[event.step] = (event.kind, sentence, started, now)
        if self.live is None:
            took = "" if event.kind == "started" else f" in {now - started:.1f} s"
            click.echo(
                f"{now:7.1f} s  {_SIGNS[event.kind]} {sentence}: {_WORDS[event.kind]}{took}",
                err=True,
            )

    def _waits(self, event: "StepEvent", now: float) -> None:
        self.seen[event.step] = str(event.facts["seen"])
        if self.live is None:
            click.echo(f"{now:7.1f} s    {event.sentence}: {event.facts['seen']}", err=True)

    def table(self) -> "Table":
        """The run as of now."""
        from rich.markup import escape
        from rich.table import Table

        now = time.monotonic() - self.began
        table = Table(box=None, padding=(0, 1), title=f"{now:.0f} s", title_justify="left")
        table.add_column("")
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for step, (kind, sentence, started, ended) in self.rows.items():
            style = _STYLES.get(kind, "dim")
            seconds = f"{(now if ended is None else ended) - started:.1f}" if kind else ""
            told = f"{sentence}\n  {self.seen[step]}" if step in self.seen else sentence
            table.add_row(_SIGNS.get(kind, "·"), escape(told), seconds, style=style)
        return table
