"""The files that the configuration names, looked at before anything runs.

A missing image would else be found when the servers that want it run already.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial

from liferaft.compose import application, checks, placeholders, placing, secret_values, volumes
from liferaft.compose.application import Compose
from liferaft.compose.checks import APP_PORT
from liferaft.compose.findings import ComposeInvalid
from liferaft.config import Config, public_ports
from liferaft.data import placeholders as filled
from liferaft.data import registry
from liferaft.dns import vendors
from liferaft.dns.vendors import DnsVendor
from liferaft.failures import BadInput, Failure
from liferaft.moves import deploy, failover, jobs
from liferaft.moves.actions.workload import delivered
from liferaft.provision.engine.project_file import project_name
from liferaft.secrets import SecretsChain, lacking, require_identity, to_draw
from liferaft.site import own_secrets, stations
from liferaft.site.roster import roster
from liferaft.site.site import Site
from liferaft.site.workload import wanted
from liferaft.vault import Vault

STARTS = frozenset({deploy.MOVE, failover.MOVE})
"""Moves that start the workload."""
VENDOR_SECONDS = 5.0
"""Seconds in which a DNS vendor's class takes its options: most connect to nobody for that."""


def require_files(site: Site, move: str) -> None:
    """Raise BadInput with everything that is wrong with the files that a move needs. Blocks."""
    identity = site.credentials.identity_file
    checks = [
        lambda: require_identity(identity),
        *_described(site.config, site.vault, move),
    ]
    if move in STARTS:
        checks += [partial(_require_vendor, site, name) for name in site.credentials.dns]
    _require(*checks)


def require_described(config: Config, vault: Vault, move: str) -> None:
    """Do what `require_files` does for the files that the configuration names alone: a plan that is
    only shown needs nobody's keys. Blocks.
    """
    _require(*_described(config, vault, move))


def _require(*checks: Callable[[], object]) -> None:
    failures = [failure for check in checks if (failure := _failure(check))]
    # One unreadable file is in the way of several checks, and told once.
    found = {failure.facts.happened: failure for failure in failures}
    if len(found) == 1:
        raise failures[0]
    if found:
        raise BadInput(
            "\n".join(found),
            safe="Nothing was done.",
            do="Correct them, then run the same command again.",
        )


def _described(config: Config, vault: Vault, move: str) -> Iterator[Callable[[], object]]:
    yield lambda: project_name(config.app.project)
    if move in STARTS:
        yield lambda: _require_services(config)
        yield lambda: _require_secrets(config, vault)
    if move == deploy.MOVE:
        yield lambda: _require_places_for_all(config)
    for kind in registry.kinds_of(config):
        yield partial(kind.require_files, config, vault, move)


def _require_vendor(site: Site, name: str) -> None:
    class_name = site.config.dns.vendors[name].class_name
    vendor = DnsVendor(name, class_name, site.credentials.dns[name])
    vendors.require_fit(vendor, deadline=VENDOR_SECONDS)


def _failure(check: Callable[[], object]) -> Failure | None:
    try:
        check()
    except BadInput as failure:
        return failure
    return None


def _require_services(config: Config) -> None:
    path = config.app.compose
    compose = application.described(config)
    known = compose.services
    asked = dict.fromkeys(name for seat in roster(config).seats for name in seat.services)
    absent = [name for name in asked if name not in known]
    if absent:
        raise BadInput(
            f"{path} has no service {', '.join(absent)}, which servers are to run",
            safe="Nothing was done.",
            do=f"In servers.<group>.runs name some of: {', '.join(known)}.",
        )
    _require_settled(config, compose, asked)
    _require_places(config, compose)


def _require_secrets(config: Config, vault: Vault) -> None:
    """Raise BadInput for secrets that services are told, and that nobody has set or will draw."""
    used = secret_values.used(wanted(config))
    if used:
        declared = {name: config.secrets[name] for name in used}
        told = SecretsChain(vault).told()
        absent = set(lacking(declared, told)) - {*to_draw(declared, told)}
        own_secrets.require_set({name: who for name, who in used.items() if name in absent})


def _require_places_for_all(config: Config) -> None:
    """Raise ComposeInvalid for services that run nowhere or cannot reach each other. A failover is
    not kept from what an earlier version deployed: it runs what the site before it ran."""
    compose, seats = application.described(config), roster(config)
    runs = {name for seat in seats.seats for name in seat.services}
    wrong = [*placing.contradictions(compose, runs, config.app.unused), *_closed(config, compose)]
    if wrong:
        raise BadInput(
            "\n".join(wrong),
            safe="Nothing was done.",
            do=f"Correct liferaft.toml; services are: {', '.join(compose.services)}.",
        )
    found = placing.misplaced(
        compose,
        stations.planned(seats),
        groups=tuple(config.servers),
        replaced=config.replaced_services,
        unused=config.app.unused,
    )
    if findings := [*found]:
        raise ComposeInvalid(config.app.compose, findings)


def _closed(config: Config, compose: Compose) -> Iterator[str]:
    """Ports that are to be open to everybody, and would lead nobody anywhere."""
    edge = roster(config).edge
    for name, group in config.servers.items():
        if group.ports and name != edge.group:
            yield (
                f"servers.{name}.ports: users know the site's address alone, which leads to "
                f"{edge.name}; only servers.{edge.group} may open some"
            )
            continue
        named = {port: public_ports.numbers(port) for port in group.ports}
        for port in placing.unanswered(compose, group.runs, named):
            number, _, protocol = port.partition("/")
            published = f"{number}:PORT{'/udp' if protocol == 'udp' else ''}"
            yield (
                f"servers.{name}.ports opens {port}, and no service there answers: none has "
                f'"{published}" under ports'
            )


def _require_settled(config: Config, compose: Compose, asked: Collection[str]) -> None:
    """Raise ComposeInvalid for a volume of which nobody says what becomes of it at a failover and
    for a placeholder that stands for nothing, and BadInput for a name under `ephemeral` that is no
    volume. asked: services that servers run."""
    here = application.only(compose, asked)
    kept = {volume for data in config.data.values() for volume in data.volumes_kept}
    found = [
        *volumes.undeclared(here.volumes, kept.union(config.volumes.ephemeral)),
        *placeholders.unknown(here.placeholders, filled.known(config)),
    ]
    if found:
        raise ComposeInvalid(config.app.compose, found)
    unknown = volumes.unknown(compose.volumes, config.volumes.ephemeral)
    if unknown:
        known = dict.fromkeys(volume.written for volume in compose.volumes)
        raise BadInput(
            f"volumes.ephemeral names {', '.join(unknown)}, which {config.app.compose} has not",
            safe="Nothing was done.",
            do=f"Name volumes as the Compose file does: {', '.join(known) or 'it has none'}.",
        )


def _require_places(config: Config, compose: Compose) -> None:
    """What is wrong with the services of one server, taken together."""
    known, staying = compose.services, application.staying(compose).services
    wrong = [*jobs.objections(config, compose)]
    seats = roster(config)
    for seat in {seat.group: seat for seat in seats.seats}.values():
        here = {name: staying[name] for name in seat.services if name in staying}
        found = checks.on_one_server(here, database=seat.runs_data)
        wrong += (f"On the servers of group {seat.group} {reason}" for reason in found)
    edge = [staying[name] for name in seats.edge.services if name in staying]
    if not checks.serves(edge):
        wrong.append(
            f"None of {', '.join(seats.edge.services)} publishes 127.0.0.1:{APP_PORT} on "
            f"{seats.edge.name}, where users are led: they would get the holding page for ever"
        )
    running = {name for seat in seats.seats for name in seat.services}
    told = {
        name
        for one in running
        for name, value in known[one].environment
        if not placeholders.names_in(value)
    }
    hidden = told & delivered(config)
    if hidden:
        wrong.append(
            f"The environment of a service sets {', '.join(sorted(hidden))}, which liferaft "
            "delivers: the app would talk to another site's"
        )
    if wrong:
        raise BadInput(
            "\n".join(wrong),
            safe="Nothing was done.",
            do=f"Correct {config.app.compose}, or `runs` under servers.",
        )
