"""Whether PostgreSQL takes the application's settings: asked before it is stopped for them."""

from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.settings import libraries
from liferaft.failures import Refused
from liferaft.remote.acts import QUICK, as_user, last_words, succeeds
from liferaft.remote.contract import Host


async def require_accepted(host: Host, database: Database) -> None:
    """Raise Refused for settings with which the cluster on this host would not start."""
    if not database.settings:
        return
    cluster = database.cluster
    given = (f"--{name}={value}" for name, value in sorted(database.settings.items()))
    argv = [f"{cluster.programs}/postgres", "-D", cluster.config, *given, "-C", "max_connections"]
    said = await host.run(as_user("postgres", *argv), deadline=QUICK, check=False)
    if said.exit_code != 0:
        raise _refused(last_words(said))
    for library in libraries(database.settings):
        path = library if "/" in library else f"/usr/lib/postgresql/{cluster.version}/lib/{library}"
        if not await succeeds(host, ["test", "-e", f"{path}.so"]):
            raise _refused(f"there is no {path}.so for shared_preload_libraries")


def _refused(said: str) -> Refused:
    return Refused(
        f"PostgreSQL does not start with the settings that are asked for: {said}",
        safe="No setting was changed; a database that runs goes on as it is.",
        do="Correct `settings` of the data set in liferaft.toml, or the service's `command` in the "
        "Compose file; `packages` brings libraries.",
    )
