"""Runs a plan and shows it; a Ctrl-C is answered at once."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

from liferaft_cli import folders, keeping, screen

if TYPE_CHECKING:
    from liferaft.moves.runner import Result
    from liferaft.moves.session import Prepared
    from liferaft.site.world import World

T = TypeVar("T")


def run_plan(prepared: "Prepared", world: "World", *, take_over: bool) -> tuple[str, "Result"]:
    """Run a plan with live progress; the run's name and what it did. However it ends, its report is
    kept. Before anything is made the
    account is asked whether it may run the servers. Raises Refused if not."""
    import asyncio

    from liferaft.moves.allowance import require_allowance
    from liferaft.moves.session import execute

    screen.show_notes(asyncio.run(require_allowance(world.site, prepared.plan)))
    try:
        with screen.PlanProgress(prepared.plan) as progress:
            work = execute(
                prepared,
                world,
                folder=folders.state() / "runs",  # beside the vault's copy
                watch=progress,
                take_over=take_over,
            )
            return asyncio.run(interruptible(work))
    finally:
        keeping.keep_after(world)


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """`work`; a Ctrl-C is answered at once, since what is under way may take a while to end."""
    import asyncio

    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        click.echo("Interrupted: ending what is under way. Once more to stop at once.", err=True)
        task.cancel()
        return await task
