"""Jobs of a schedule at a site: which server runs them, and as which container. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from liferaft.compose.application import Compose, only
from liferaft.config import Config
from liferaft.config.jobs import JobConfig
from liferaft.site.roster import Seat, roster


def seat_of(config: Config, name: str) -> Seat | None:
    """The server that runs this job, by a schedule or not: the first that runs its service."""
    job = config.jobs.get(name)
    service = (job and job.service) or name
    return next((seat for seat in roster(config).app if service in seat.services), None)


def on_server(config: Config, server: str) -> Mapping[str, JobConfig]:
    """Jobs of a schedule that this server runs."""
    return {
        name: job
        for name, job in scheduled(config).items()
        if (seat := seat_of(config, name)) is not None and seat.name == server
    }


def scheduled(config: Config) -> Mapping[str, JobConfig]:
    """All that have a schedule."""
    return {name: job for name, job in config.jobs.items() if job.schedule}


def services(jobs: Mapping[str, JobConfig], here: Compose) -> Compose:
    """What is run of a server's services, by the names of jobs: each under a name of its own in the
    network, so that nobody who asks for the service reaches its job."""
    origins = {name: job.service or name for name, job in jobs.items()}
    origins = {name: origin for name, origin in origins.items() if origin in here.services}
    files = only(here, {*origins.values()}).files
    return Compose(
        {
            name: replace(
                here.services[origin],
                command=jobs[name].command or here.services[origin].command,
                names=(),
                depends_on=(),
                ends=True,
            )
            for name, origin in origins.items()
        },
        files,
    )
