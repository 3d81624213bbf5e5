"""Drills that may have left something at a cloud: a note in the vaults from before the first thing
is made until all of it is known to be deleted. Whoever comes next finds it, on any machine."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from liferaft.vault import Damaged, KeyMissing, Vault, layout
from liferaft.vault.below import FolderVault


@dataclass(frozen=True)
class BegunDrill:
    """A drill whose things are not known to be gone.

    run: its journal's name. site: where its things are labelled to be. at: ISO 8601, UTC. hours:
    after which its servers switch themselves off; 0 for machines that stay on. hourly: what they
    cost an hour, in `currency`; None where no price is known.
    """

    run: str
    standby: str
    site: str
    cloud: str
    region: str
    at: str
    who: str
    hours: int
    hourly: float | None = None
    currency: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        return cls(**json.loads(body))

    def sentence(self, now: datetime) -> str:
        """What is left, since when, and what it costs. Pure."""
        age = now - datetime.fromisoformat(self.at)
        hours = age.total_seconds() / 3600
        cost = (
            f", about {self.hourly * min(hours, self.hours):.2f} {self.currency} so far"
            if self.hourly is not None
            else ""
        )
        until = (
            f"servers switch themselves off after {self.hours} h, and cost on until deleted"
            if self.hours
            else "machines stay on, and nobody else gets them until they are wiped"
        )
        return (
            f"A drill of {self.standby} by {self.who}, {hours:.1f} h ago, did not end: what it "
            f"made at {self.cloud} {self.region} may still be there{cost}; {until}. "
            "`liferaft drill --clean` deletes it."
        )


def drills_of(vault: Vault) -> FolderVault:
    """Where drills keep their own records."""
    return FolderVault(vault, layout.DRILLS)


def note_begun(vault: Vault, drill: BegunDrill) -> None:
    """Durable on return. Blocks."""
    drills_of(vault).put(layout.begun_drill(drill.run), drill.to_json())


def forget_begun_at(vault: Vault, site: str) -> None:
    """All that carries the labels of this site is gone, whichever drill had made it. Blocks."""
    for drill in begun_drills(vault):
        if drill.site == site:
            drills_of(vault).delete(layout.begun_drill(drill.run))


def begun_drills(vault: Vault) -> tuple[BegunDrill, ...]:
    """The oldest first: those under way too. One listing where there is none. Blocks."""
    drills, found = drills_of(vault), list[BegunDrill]()
    for key in drills.list(layout.BEGUN):
        try:
            found.append(BegunDrill.from_json(drills.get(key)))
        except (KeyMissing, Damaged, TypeError, ValueError):
            continue  # forgotten meanwhile, or a later version's
    return tuple(found)
