"""What the servers of a move run: as those of the site that reigns, unless there is none."""

from liferaft.clouds.systems import SYSTEMS, System, in_words
from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import EpochRecord


def system_for(config: Config, current: EpochRecord | None) -> System:
    """Raises Refused where liferaft.toml asks for another system than that of the site that
    reigns: its database would not run there, or be read wrongly."""
    if current is None:
        return config.system
    kept = system_of(current)
    if config.app.system in {None, kept}:
        return kept
    raise Refused(
        f"{current.site} reigns on {in_words(kept)}, and liferaft.toml asks for "
        f"{in_words(config.system)}",
        safe="Nothing was done.",
        do=f'Write system = "{kept}" in [app], or leave it out: then the application keeps what it '
        "has. Another release is a move of its own, since the database is written out and read in "
        "again: docs/releases.md.",
    )


def require_point_of(system: System, point: RecoveryPoint) -> None:
    """Raises Refused for a point whose database another release wrote: it is of no use to this
    one. Told by the plan, before any server is made for it; a restore compares once more."""
    for part in point.parts:
        told = part.facts.get("platform", {}).get("system", "").replace(" ", "-")
        if told in SYSTEMS and told != system:
            raise Refused(
                f"The database of recovery point {point.name} is of {in_words(SYSTEMS[told])}, and "
                f"the application runs {in_words(system)}",
                safe="Nothing was done.",
                do="Name a recovery point that was taken since the application moved: `--point "
                "NAME`; `liferaft snapshot list` has them. To bring back what it was before, see "
                "docs/releases.md: that goes by a dump, never by a restore to another release.",
            )


def system_of(record: EpochRecord) -> System:
    """What the servers of that epoch run. Raises Refused for one that this version does not
    know."""
    found = SYSTEMS.get(record.system)
    if found is None:
        raise Refused(
            f"{record.site} reigns on {record.system}, which this version does not know",
            safe="Nothing was done.",
            do="Use the version of liferaft that deployed it, or a later one.",
        )
    return found
