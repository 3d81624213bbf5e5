"""Jobs in a move: which services of the Compose file end, where they are run, and whether they are.

A deploy is a release: what ends is run for it once. A failover brings back what was released, with
its data, so nothing is run there but what liferaft.toml asks for; a drill is the failover on trial.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from liferaft.compose import application
from liferaft.compose.application import Compose
from liferaft.config import Config
from liferaft.config.jobs import WITHIN
from liferaft.failures import BadInput
from liferaft.moves.actions.once import STEP_SECONDS, RunJobsOnce
from liferaft.plan.step import Step
from liferaft.site.roster import Seat, roster
from liferaft.site.scheduling import scheduled, seat_of

Jobs = Mapping[str, bool]
"""Services that end, by name, and whether this move runs them."""


def at_deploy(config: Config) -> Jobs:
    """All but those that run by a schedule. Blocks."""
    timed = _timed(config)
    return {name: name not in timed for name in _ending(config)}


def at_failover(config: Config) -> Jobs:
    """Those that liferaft.toml asks for. Blocks."""
    asked = {name for name, job in config.jobs.items() if job.at_failover} - _timed(config)
    return {name: name in asked for name in _ending(config)}


def _ending(config: Config) -> tuple[str, ...]:
    """None of a Compose file that cannot be read: who looks at files says so, with all else."""
    try:
        compose = application.described(config)
    except BadInput:
        return ()
    seats = roster(config).seats
    running = {name for seat in seats for name in seat.services}
    return tuple(sorted(running.intersection(application.ending_services(compose))))


def _timed(config: Config) -> set[str]:
    """Services that a schedule runs."""
    return {job.service or name for name, job in scheduled(config).items()}


def steps(
    config: Config, epoch: int, jobs: Jobs, needs: Callable[[Seat], tuple[str, ...]]
) -> Iterator[Step]:
    """A step for each server that runs some, one after the other: whatever starts the release
    waits for the last. needs: what has to be done before anything is started on a server. Pure."""
    before: tuple[str, ...] = ()
    for seat in roster(config).app:
        here = tuple(name for name, runs in jobs.items() if runs and seat_of(config, name) == seat)
        if here:
            within = max(_within(config, name) for name in here)
            yield Step(
                f"once-{seat.name}",
                f"Run {', '.join(here)} once on {seat.name}, to the end",
                RunJobsOnce(seat.name, epoch, here, int(within.total_seconds())),
                needs=(*needs(seat), *before),
                deadline=len(here) * within.total_seconds() + STEP_SECONDS,
            )
            before = (f"once-{seat.name}",)


def staying(seat: Seat, jobs: Jobs) -> tuple[str, ...]:
    """Services of a server that are started and stay."""
    return tuple(name for name in seat.services if name not in jobs)


def objections(config: Config, compose: Compose) -> Iterator[str]:
    """Why jobs cannot be run as liferaft.toml says. Pure."""
    ends = {name for name, one in compose.services.items() if one.ends}
    for name, job in config.jobs.items():
        if name not in compose.services:
            continue
        if job.service not in (None, name):
            yield f"[jobs.{name}] is called as a service: call it otherwise, or leave `service` out"
        elif name not in ends:
            yield (
                f"[jobs.{name}] is for a service that ends, and {name} stays: its `restart` is not "
                '"no", and no other service waits until it has ended. A job of its own takes '
                "another name, with `service` and `command`"
            )
    for seat in {seat.group: seat for seat in roster(config).app}.values():
        if ends.issuperset(seat.services):
            yield (
                f"The servers of group {seat.group} run nothing that stays: "
                f"{', '.join(seat.services)} would be run once, and they be there for nothing"
            )


def _within(config: Config, name: str) -> timedelta:
    return config.jobs[name].within if name in config.jobs else WITHIN
