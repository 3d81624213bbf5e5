"""Infrastructure at a cloud, through the Pulumi engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import BadInput, Facts, Own, Refused, VendorFailure
from liferaft.provision.engine.contract import Diagnostic, OperationEvent, Outcome, Request
from liferaft.site.bucket_name import reserved_bucket
from liferaft.site.machine_images import bootable
from liferaft.site.stack import SERVER, has_servers, place, request, standing
from liferaft.site.world import World

UNCHANGED = frozenset({"same"})
_LOSING = frozenset({"delete", "replace", "delete-replaced", "create-replacement"})


_TRACEBACK = "Traceback (most recent call last):"


class NotProvisioned(VendorFailure):
    """The engine ended with errors. What was made stays in the state."""


class ProgramRaised(BadInput):
    """The Pulumi program itself failed."""


@dataclass(frozen=True)
class Provision:
    """The site's stack is as its program says: with its servers, or as a pilot light without.

    A pilot light is what a site has at least. Where servers are, or a killed run was making some,
    it holds: making a site ready must never delete a server, which may hold the newest data.
    """

    site: str
    epoch: int
    servers: bool

    async def holds(self, world: World) -> bool:
        """A site with servers is never said to be as wanted from here: the engine itself compares,
        and changes nothing where it is."""
        return not self.servers and has_servers(await world.site.deployment())

    async def apply(self, world: World) -> Mapping[str, Any]:
        image = await bootable(world.site) if self.servers else None
        asked = await request(
            world.site,
            servers=self.servers,
            bucket=await reserved_bucket(world.site),
            epoch=self.epoch,
            image_id=image,
        )
        deployment = await _require_data_stays(world, asked)
        if self.servers and not has_servers(deployment):
            await world.servers.drop_damaged_pins()  # those servers are not there any more
        outcome = await world.site.engine.up(asked, quiet)
        world.site.forget_outputs()
        require_ok(outcome, self.site)
        return {
            "changes": dict(outcome.changes),
            "unchanged": set(outcome.changes) <= UNCHANGED,
            "address": outcome.outputs.get("address"),
        }

    async def prove(self, world: World) -> None:
        await world.site.outputs()


async def _require_data_stays(world: World, asked: Request) -> Mapping[str, Any]:
    """The deployment as it is. Raises Refused if the program wants another server in place of one
    that is there and holds data: the clouds replace a server by deleting it first, and a disk with
    the newest data goes with it."""
    deployment, site = await world.site.deployment(), world.site.declared
    holding = [seat.name for seat in world.site.roster.seats if seat.runs_data]
    rows = {name: row for name in holding if (row := standing(deployment, name)) is not None}
    if not rows:
        return deployment
    for row in rows.values():
        at = place(deployment, row)
        if at is not None and at != (site.cloud, site.region):
            raise Refused(
                f"Site {world.site.name} stands at {' '.join(at)}, with the database; the "
                f"configuration now says {site.cloud} {site.region}",
                safe="Nothing was changed.",
                do="Change the configuration back, and give another place a site of its own.",
            )
    outcome = await world.site.engine.preview(asked, quiet)
    lost = {urn for op, urn in outcome.steps if op in _LOSING}
    for name in rows:
        if any(urn.endswith(f"{SERVER}::{name}") for urn in lost):
            raise Refused(
                f"This would replace {name} at {world.site.name}, which holds the database: "
                "another size or image, say, needs a new server",
                safe="Nothing was changed.",
                do="Change the configuration back. Or take a snapshot and move the application to "
                "another site; or, if its data is not wanted any more, destroy the site first.",
            )
    return deployment


def require_ok(outcome: Outcome, site: str, *, goal: str = "brought to its description") -> None:
    """Raise NotProvisioned or ProgramRaised with the first of the engine's errors; others follow
    in the details, those that say the same once."""
    if outcome.ok:
        return
    first, *others = outcome.failures or (Diagnostic("error", "the engine gave no reason"),)
    if _TRACEBACK in first.message:
        raise _raised(first.message, site)
    facts = first.facts or Facts(first.message)
    more = dict.fromkeys((d.facts or Facts(d.message)).happened for d in others)
    more.pop(facts.happened, None)
    raise NotProvisioned(
        f"Site {site} could not be {goal}: {facts.happened}",
        safe=facts.safe or Own("What was made before is in the state and is not made twice."),
        do=facts.do or "Mend the cause, then run the same command again.",
        details={**facts.details, **{f"also {n}": text for n, text in enumerate(more, 1)}},
    )


def _raised(text: str, site: str) -> ProgramRaised:
    """What a person needs of a traceback: its last line, and the innermost place."""
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    places = [row for row in rows if row.startswith("File ")]
    return ProgramRaised(
        f"The program of site {site} raised {rows[-1]}",
        safe=Own("What was made before is in the state and is not made twice."),
        do="Correct the program, then run the same command again.",
        details={"where": places[-1]} if places else {},
    )


def quiet(event: OperationEvent) -> None:
    """Resources are not shown one by one: the step is what a person waits for."""
