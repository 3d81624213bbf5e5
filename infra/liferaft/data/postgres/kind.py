"""PostgreSQL as a kind of data: one database of the application, on a server of its own group."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from liferaft.config import Config
from liferaft.data.exposure import Backlog
from liferaft.data.kind import DataPlace, Kind, Origin, Undo
from liferaft.data.postgres import database_url, inspection, locale
from liferaft.data.postgres.binding import (
    address_of,
    asked_by_file,
    config_of,
    database,
    postgres,
    require_release,
)
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.layout import (
    AREA,
    FIRST_TIMELINE,
    backups_in_vault,
    cluster_of,
)
from liferaft.data.postgres.service import objection_to
from liferaft.data.postgres.spare import surplus_of
from liferaft.data.postgres.timeline import look_at_timeline, timeline_of
from liferaft.data.postgres.wholeness import look_of
from liferaft.data.proof import Proof, Trial
from liferaft.data.surplus import Needs, Surplus
from liferaft.data.wholeness import Look, Operators, ReadingDepth
from liferaft.failures import Refused
from liferaft.plan.inputs import of_another_version
from liferaft.plan.milestones import Hung
from liferaft.plan.step import Step
from liferaft.recovery.destroyed import destroyed_at
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.secrets import AppSecrets
from liferaft.site.roster import Roster, Seat
from liferaft.vault import Damaged, Vault, each_vault, silent_vaults

if TYPE_CHECKING:
    from liferaft.site.world import World


class PostgresKind(Kind[Timeline]):
    """WAL goes into the vaults all the time; a snapshot is a backup."""

    name: ClassVar[str] = "postgres"
    archives: ClassVar[bool] = True
    deletes: ClassVar[str] = f"{AREA}/backup"  # docs/decisions/090-three-pairs-of-keys.md
    flows: ClassVar[bool] = True
    across_vaults: ClassVar[bool] = True

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return cluster_of(roster.system).packages if self.name in seat.runs else ()

    def asked_packages(self, config: Config, seat: Seat) -> Collection[str]:
        asked = config_of(config)
        of_locale = locale.packages(asked.locale)
        return (*of_locale, *asked.packages) if self.name in seat.runs else ()

    def units(self) -> Collection[str]:
        return ("postgresql",)

    def variable_names(self, config: Config) -> Collection[str]:
        return () if config_of(config).service else ("DATABASE_URL",)

    async def variables(self, world: "World", name: str) -> Mapping[str, str]:
        if config_of(world.site.config).service:
            return {}
        there = await database(world)
        return {
            "DATABASE_URL": f"postgresql://{there.role}:{there.password}"
            f"@{there.address}:5432/{there.name}"
        }

    placeholder_word: ClassVar[str] = "database"

    def placeholder_keys(self, config: Config) -> Collection[str]:
        """None where it takes the place of a service: the file has words of its own then."""
        if config_of(config).service:
            return ()
        return database_url.KEYS

    def placeholders(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        return database_url.parts_of(variables["DATABASE_URL"]) if variables else {}

    async def addresses(self, world: "World", name: str) -> Mapping[str, str]:
        asked = await asyncio.to_thread(asked_by_file, world.site.config)
        return dict.fromkeys(asked.names, await address_of(world)) if asked else {}

    def objection_to_secret(self, config: Config, secret: str, value: str) -> str | None:
        return objection_to(asked_by_file(config), secret, value)

    async def admits(self, world: "World", name: str) -> bool:
        from liferaft.data.postgres.entrance import is_let_in

        host = await world.servers.host(self.server(world.site.roster))
        return await is_let_in(host, await database(world))

    async def admit(self, world: "World", name: str) -> Undo | None:
        from liferaft.data.postgres.entrance import let_in, let_in_again

        host = await world.servers.host(self.server(world.site.roster))
        there = await database(world)
        before = await let_in(host, there)
        return partial(let_in_again, host, there, before) if before else None

    def require_files(self, config: Config, vault: Vault, move: str) -> None:
        require_release(config)
        asked_by_file(config)

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: Timeline | None = None,
    ) -> Postgres:
        facts = facts or Timeline(FIRST_TIMELINE)
        data = await postgres(
            world,
            name,
            epoch,
            earlier=earlier,
            timeline=facts.timeline,
            wal_from=facts.wal_from,
        )
        return replace(data, until=facts.until)

    def server(self, roster: Roster) -> str:
        return roster.running(self.name).name

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        from liferaft.data.postgres import steps

        yield from steps.of_deploy(self, at)
        yield from self.schedule_where_asked_for(at)

    def schedule(self, at: DataPlace) -> Iterator[Step]:
        from liferaft.data.postgres.schedule import of_schedule

        yield of_schedule(self, at)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.postgres import steps

        return steps.of_snapshot(self, at, point)

    def failover(self, at: DataPlace, origin: Origin[Timeline]) -> Iterator[Hung]:
        from liferaft.data.postgres import steps

        if origin.facts is None:
            raise of_another_version("the timeline of the database, which this version needs")
        yield from steps.of_failover(self, at, origin, origin.facts)
        yield from self.schedule_where_asked_for(at)

    def drill(self, at: DataPlace, origin: Origin[Timeline]) -> Iterator[Hung]:
        from liferaft.data.postgres import on_trial

        if origin.facts is None:
            raise of_another_version("the timeline of the database, which this version needs")
        return on_trial.of_drill(self, at, origin, origin.facts)

    def read_facts(
        self, config: Config, vault: Vault, epoch: int, point: RecoveryPoint
    ) -> Timeline:
        _require_archived_since(vault, point, epoch)
        there = tuple(one.name for one in each_vault(vault))
        wal_from = there if len(there) > 1 or silent_vaults(vault) else ()
        return Timeline(
            timeline_of(vault, epoch), inspection.segments_since(vault, point, epoch), wal_from
        )

    def as_of(self, facts: Timeline | None, moment: str) -> Timeline | None:
        return facts and replace(facts, until=moment)

    def facts_in(self, told: Mapping[str, Any]) -> Timeline | None:
        return Timeline.from_json(told)

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof:
        data = await self.open(world, part.name, epoch=part.epoch)
        host = await world.servers.host(self.server(world.site.roster))
        return await data.prove(host, part, trial)

    async def exposure(self, world: "World", name: str) -> Sequence[Backlog]:
        from liferaft.data.postgres.exposure import ask

        host = await world.servers.host(self.server(world.site.roster))
        return await ask(host, cluster_of(world.site.config.system))

    def look(
        self, vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators
    ) -> Look:
        vaults = _with_backup(vault, part)
        if not vaults:
            return _look_at_newest(vault, part, point)
        found = {
            one.name: inspection.archive_of(
                one, part, beyond=reading.beyond, others=_others(vault, one)
            )
            for one in vaults
        }
        return look_of(found, point)

    def look_inside(self, vault: Vault, part: Part, point: str, secrets: AppSecrets) -> Look:
        key = secrets.pgbackrest_cipher_pass.get_secret_value()
        vaults = _with_backup(vault, part)
        if not vaults:
            part = _with_newest(vault, part)
            there = [one for one in each_vault(vault) if one.name in part.facts["labels"]]
            return look_of({o.name: inspection.inspect_backup(o, part, key) for o in there}, point)
        found = {one.name: inspection.inspect_backup(one, part, key) for one in vaults}
        if len(vaults) == 1:
            return look_of(found, point)
        lacks_wal = {
            one.name
            for one in vaults
            if inspection.archive_of(one, part, beyond=False, others=_others(vault, one)).broken
        }
        return look_of(found, point, of_no_use=lacks_wal)

    def look_at_notes(self, vault: Vault, epoch: int) -> Look:
        return look_at_timeline(vault, epoch)

    def archived_until(self, vault: Vault, epoch: int) -> datetime | None:
        """In whichever vault: a restore takes what one of them has."""
        return max((newest.at for newest in inspection.newest_segments(vault, epoch)), default=None)

    def archived_since(self, vault: Vault, epoch: int, point: RecoveryPoint) -> int:
        return inspection.segments_since(vault, point, epoch)

    def surplus(self, vault: Vault, needs: Needs) -> Sequence[Surplus]:
        return surplus_of(vault, needs)

    def spare(self, at: DataPlace, surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
        from liferaft.data.postgres.expiry import of_spare

        return of_spare(self, at, surplus, needs)


def _with_backup(vault: Vault, part: Part) -> tuple[Vault, ...]:
    """Those that answer of the vaults that a part names; a single one whatever it names."""
    there = each_vault(vault)
    if len(there) == 1 and not silent_vaults(vault):
        return there
    return tuple(one for one in there if one.name in part.facts.get("labels", {}))


def _with_newest(vault: Vault, part: Part) -> Part:
    """The part as a restore would take it from vaults that it does not name."""
    newest = {one.name: inspection.newest_backup(one, part.epoch) for one in each_vault(vault)}
    labels = {name: label for name, label in newest.items() if label}
    return replace(part, facts={**part.facts, "labels": labels})


def _look_at_newest(vault: Vault, part: Part, point: str) -> Look:
    labels = _with_newest(vault, part).facts["labels"]
    named = " and ".join(part.facts.get("labels", {}))
    if not labels:
        there = each_vault(vault)[0]
        reason = f"there is no backup, and of recovery point {point} only {named} has one"
        return Look((Damaged(there.name, backups_in_vault(part.epoch), reason),))
    taken = " or ".join(f"{label} of vault {name}" for name, label in labels.items())
    said = (
        f"Vault {named}, which has the backup of recovery point {point}, does not answer: the "
        f"restore takes backup {taken}. Whether all WAL since is there was not looked at."
    )
    return Look(anew=(said,))


def _others(vault: Vault, one: Vault) -> tuple[Vault, ...]:
    return tuple(other for other in each_vault(vault) if other.name != one.name)


def _require_archived_since(vault: Vault, point: RecoveryPoint, epoch: int) -> None:
    for one in range(point.epoch, epoch):
        if destroyed_at(vault, one):
            raise Refused(
                f"Recovery point {point.name} is of epoch {point.epoch}, and the database of epoch "
                f"{one} was destroyed since: today's is not in the vault yet",
                safe="Nothing was done.",
                do="Take a recovery point with `liferaft snapshot` while the primary is reached.",
            )


POSTGRES: Final = PostgresKind()
