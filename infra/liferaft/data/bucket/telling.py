"""What a person has to know of a bucket's objects that were not kept, or not brought back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.data.bucket.progress import CopyProgress
from liferaft.plan.telling import TOLD
from liferaft.remote.markers import MARKERS

NAMED: Final = 20
"""Objects that are told by name, of each sort; the recovery point has a hundred, the server all."""


def names_file(bucket: str, what: str, folder: str = MARKERS) -> str:
    """Where the host has every name that a copy had to tell, with its reason, a line each."""
    return f"{folder}/bucket-{bucket}.{what}"


def not_kept(bucket: str, facts: Mapping[str, Any], *, folder: str = MARKERS) -> tuple[str, ...]:
    """What a snapshot has to tell of objects that are not in the vault, or not whole. Pure."""
    said = []
    if facts.get("left_out_count"):
        head = f"Not kept of bucket {bucket}: {facts['left_out_count']} objects"
        file = names_file(bucket, "not-kept", folder)
        said.append(_listed(head, facts["left_out"], facts["left_out_count"], file))
    if facts.get("lacking_count"):
        head = f"Kept of bucket {bucket}, but not all that belongs to them"
        head = f"{head}: {facts['lacking_count']} objects"
        file = names_file(bucket, "lacking", folder)
        said.append(_listed(head, facts["lacking"], facts["lacking_count"], file))
    if facts.get("lists_unreadable"):
        said.append(
            f"Bucket {bucket}: who else may read its objects could not be asked; restored, nobody"
            " else may."
        )
    return tuple(said)


def not_restored(bucket: str, done: CopyProgress) -> tuple[str, ...]:
    """What a restore has to tell of objects that stay in the vault. Pure."""
    if not done.not_restored_count:
        return ()
    head = f"Not restored to bucket {bucket}: {done.not_restored_count} objects, still in the vault"
    file = names_file(bucket, "not-restored")
    return (_listed(head, done.not_restored, done.not_restored_count, file),)


def not_from_all(bucket: str, done: CopyProgress) -> tuple[str, ...]:
    """What a restore has to tell of several vaults: which were silent, so that what they alone have
    is not back, and which objects had to come from another. Pure."""
    said = [
        f"Bucket {bucket} is restored without {vault}, which did not answer ({why}): what that one "
        "alone has is not back."
        for vault, why in done.silent.items()
    ]
    if done.mended_count:
        head = f"Damaged in a vault, of bucket {bucket}: {done.mended_count} objects; where another"
        rows = [f"  {name}: {why}" for name, why in list(done.mended.items())[:NAMED]]
        said.append("\n".join([f"{head} vault had one whole, that was used", *rows]))
    return tuple(said)


def missing(bucket: str, done: CopyProgress) -> tuple[str, ...]:
    """What a restore has to tell of what rows name: what of it is missing, and what is as of later
    than the moment that was asked for. Pure."""
    said = []
    if done.missing_count:
        head = f"MISSING in bucket {bucket}: {done.missing_count} objects that rows name"
        said.append(_listed(head, done.missing, done.missing_count, names_file(bucket, "missing")))
    if done.later_count:
        head = f"Of later than asked for, in bucket {bucket}: {done.later_count} objects"
        said.append(_listed(head, done.later, done.later_count, names_file(bucket, "later")))
    if done.rows_unread:
        said.append(
            f"What rows name of bucket {bucket} could not be asked ({done.rows_unread}): what of it"
            " is missing is not known."
        )
    return tuple(said)


def undated(bucket: str, as_of: float | None, keep_deleted: int) -> tuple[str, ...]:
    """What a restore as of a moment cannot know. Pure."""
    if as_of is None:
        return ()
    moment = datetime.fromtimestamp(as_of, UTC)
    said = (
        f"Bucket {bucket} is as of {moment:%Y-%m-%d %H:%M:%S} UTC, as far as its vaults can say: "
        "what was deleted up to an hour before is there as well, and of what was deleted or "
        f"replaced more than {keep_deleted} days ago the bytes are gone."
    )
    return (said,)


def _listed(head: str, named: Mapping[str, str], count: int, rest: str) -> str:
    rows = [f"  {key!r}: {why}" for key, why in list(named.items())[:NAMED]]
    more = (
        [f"  and {count - len(rows)} more: on the server, in {rest}"] if count > len(rows) else []
    )
    return "\n".join([head, *rows, *more])


def said_of(said: tuple[str, ...]) -> Mapping[str, Any]:
    """As a step's facts say it; nothing where there is nothing to say."""
    return {TOLD: list(said)} if said else {}
