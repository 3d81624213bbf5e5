"""What can go wrong with data, as types: the command line maps them to exit codes."""

from liferaft.failures import DeadlinePassed, Failure, Refused
from liferaft.remote.acts import HostActFailed


class SnapshotFailed(HostActFailed):
    """The vault may hold half a snapshot; no manifest names it, so nothing will restore it."""


class ArchiveMissing(SnapshotFailed):
    """The vault has no whole archive of a container image, and neither has the server."""


class RestoreFailed(HostActFailed):
    """The restored copy is not complete; the vault is untouched."""


class NotAsSealed(RestoreFailed):
    """What the vault holds is not what was kept there: asking again is no use."""


class VaultSilent(HostActFailed):
    """A repository could not be asked: what it holds cannot be ruled out."""


class PromotionFailed(HostActFailed):
    """The standby is not the primary yet; what it has replayed is safe."""


class ArchiveHole(Failure):
    """WAL is missing between what is replayed and the newest segment a vault holds."""


class ArchiveDamaged(Failure):
    """WAL that a vault holds is not what was written: the replay cannot go past it."""


class ReplayNotFinished(DeadlinePassed):
    """The standby did not reach the end of the archive in time."""


class NotVerified(Failure):
    """What was restored is not what the manifest says."""


class OtherPlatform(Refused):
    """What was kept would not run here, or would be read in another order of text."""


class AlreadyPrimary(Refused):
    """The host is a primary: restoring over it would destroy it."""
