"""Every kind of object that lies in a vault, and what becomes of one that is damaged.

The trial of damage flips a byte in one of each; it fails for an object that is of no kind here.
"""

import re
from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What a damaged object means to a failover."""

    STOPS = "named while the failover is planned, which stops there"
    ANEW = "named while it is planned, and made anew or done without"
    LATER = "named by the step that uses it, before anything serves"
    BEHIND = "named by the copy behind the failover"
    UNUSED = "nothing that a failover needs: history, or another's"


@dataclass(frozen=True)
class Kind:
    """Keys below the application's prefix that match all of `pattern`."""

    name: str
    pattern: str
    fate: Fate

    def has(self, key: str) -> bool:
        return re.fullmatch(self.pattern, key) is not None


_EPOCH = r"epoch-\d{8}"
_NUMBER = r"\d{8,}"
_REPOSITORY = rf"{_EPOCH}/pgbackrest"
_BACKUP = rf"{_REPOSITORY}/backup/main"
_LABEL = rf"{_BACKUP}/\d{{8}}-\d{{6}}F"
_ARCHIVE = rf"{_REPOSITORY}/archive/main"
_VOLUME = rf"{_EPOCH}/volume/[^/]+"
_STATE = r"state/\.pulumi"

KINDS = (
    Kind("epoch", rf"epoch/{_NUMBER}", Fate.STOPS),
    Kind("lease", rf"lease/{_NUMBER}", Fate.STOPS),
    Kind("renewal of a lease", rf"lease-renewed/{_NUMBER}", Fate.STOPS),
    Kind("event of a run", r"runs/[^/]+/\d{6}\.json", Fate.UNUSED),
    Kind("report of a run", r"runs/[^/]+/report\.(html|json)(\.sig)?", Fate.UNUSED),
    Kind("host key", r"pins/[^/]+/[^/]+\.json", Fate.ANEW),
    Kind("machine image", r"machine-images/[^/]+\.json", Fate.ANEW),
    Kind("name of a bucket", r"bucket-names/[^/]+/[^/]+\.json", Fate.ANEW),
    Kind("secrets", rf"{_EPOCH}/secrets\.age", Fate.STOPS),
    Kind("change of secrets", rf"secrets/{_NUMBER}", Fate.STOPS),
    Kind("blueprint", rf"{_EPOCH}/blueprint\.age", Fate.UNUSED),
    Kind("release", rf"{_EPOCH}/release\.json", Fate.STOPS),
    Kind("note of kept certificates", rf"{_EPOCH}/certificates\.json", Fate.ANEW),
    Kind("timeline", rf"{_EPOCH}/timeline\.json", Fate.ANEW),
    Kind("destruction", rf"{_EPOCH}/destroyed\.json", Fate.STOPS),
    Kind("manifest of a recovery point", rf"{_EPOCH}/points/[^/]+\.json", Fate.STOPS),
    Kind("verification of a recovery point", rf"{_EPOCH}/verified/[^/]+\.json", Fate.UNUSED),
    Kind("part of a recovery point", rf"{_EPOCH}/parts/[^/]+/[^/]+\.json", Fate.UNUSED),
    Kind("state in a recovery point", rf"{_EPOCH}/state/[^/]+\.json", Fate.UNUSED),
    Kind("image", rf"{_EPOCH}/images/.+", Fate.STOPS),
    Kind("certificate", rf"{_EPOCH}/certificates/.+", Fate.ANEW),
    Kind("snapshot of a volume", rf"{_VOLUME}/repository/.+", Fate.LATER),
    Kind("note of a volume's snapshot", rf"{_VOLUME}/kept/.+", Fate.UNUSED),
    Kind("object of a bucket", rf"{_EPOCH}/bucket/.+", Fate.BEHIND),
    Kind("note of backups", rf"{_BACKUP}/backup\.info", Fate.ANEW),
    Kind("second note of backups", rf"{_BACKUP}/backup\.info\.copy", Fate.ANEW),
    Kind("manifest of a backup", rf"{_LABEL}/backup\.manifest", Fate.ANEW),
    Kind("second manifest of a backup", rf"{_LABEL}/backup\.manifest\.copy", Fate.ANEW),
    Kind("bundle of a backup", rf"{_LABEL}/bundle/\d+", Fate.LATER),
    Kind("file of a backup", rf"{_LABEL}/pg_data/.+", Fate.LATER),
    Kind("history of backups", rf"{_BACKUP}/backup\.history/.+", Fate.UNUSED),
    Kind("note of the archive", rf"{_ARCHIVE}/archive\.info", Fate.ANEW),
    Kind("second note of the archive", rf"{_ARCHIVE}/archive\.info\.copy", Fate.ANEW),
    Kind("segment of WAL", rf"{_ARCHIVE}/1[57]-1/[0-9A-F]{{16}}/[0-9A-F]{{24}}-.+", Fate.LATER),
    Kind("label in WAL", rf"{_ARCHIVE}/1[57]-1/[0-9A-F]{{16}}/[0-9A-F]{{24}}\..+", Fate.UNUSED),
    Kind("history of timelines", rf"{_ARCHIVE}/1[57]-1/[0-9A-F]{{8}}\.history.*", Fate.LATER),
    Kind("state of a site", rf"{_STATE}/stacks/[^/]+/[^/]+\.json", Fate.STOPS),
    Kind("layout of the states", rf"{_STATE}/meta\.yaml", Fate.STOPS),
    Kind("history of a state", rf"{_STATE}/history/.+", Fate.UNUSED),
    Kind("backup of a state", rf"{_STATE}/(backups/.+|stacks/.+\.(attrs|bak))", Fate.UNUSED),
    Kind("lock of a state", rf"{_STATE}/locks/.+", Fate.UNUSED),
    Kind("departure of the name", r"departures/[^/]+/[^/]+\.json", Fate.UNUSED),
    Kind("note of a vault that was away", r"away/[^/]+\.json", Fate.UNUSED),
    Kind("what servers brought a vault that was away", r"brought/[^/]+\.json", Fate.UNUSED),
    Kind("note of an unfit vault", r"unfit/[^/]+\.json", Fate.UNUSED),
    Kind("note of trying a vault", r"tried/[^/]+\.json", Fate.UNUSED),
    Kind("note of putting a vault back", r"put-back/[^/]+/[^/]+\.json", Fate.UNUSED),
    Kind("probe", r"probe/.+", Fate.UNUSED),
)


def kind_of(key: str) -> Kind:
    """The first that has this key. Raises LookupError for a kind that is not known here."""
    for kind in KINDS:
        if kind.has(key):
            return kind
    raise LookupError(f"{key} is of no kind that is known here: say what its damage means")
