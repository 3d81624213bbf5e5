"""What is said of vaults' keys, and of what their stores keep: what came of trying them last."""

import contextlib
from typing import TYPE_CHECKING

from liferaft_cli import looking, opening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from liferaft.vault.tried import VaultTried

UNTRIED = "was never tried: `liferaft deploy` tries its keys, and what it keeps"


def new_findings(tried: "Sequence[VaultTried]", found: opening.Opened) -> "Iterator[str]":
    """Sentences on what no earlier deploy has told."""
    from liferaft.vault.tried import fresh, last_tried

    before = last_tried(found.vault) if tried else ()
    for one in fresh(tried, before):
        yield one.sentence


def note(tried: "Sequence[VaultTried]", found: opening.Opened) -> None:
    """For whoever looks later. A vault that takes no note is told of by what needs it more."""
    from liferaft.vault import VaultFailure
    from liferaft.vault.tried import note_tried

    with contextlib.suppress(VaultFailure):
        note_tried(found.vault, tried)


def lines(
    tried: "Sequence[VaultTried]", found: opening.Opened, looked: looking.Looked
) -> "Iterator[str]":
    """Of each vault that servers reach; and what is to be done there, but for what is asked anew
    each time: whether versions are kept. Nothing before a first deploy."""
    from datetime import timedelta

    from liferaft.evidence.watch import words
    from liferaft.vault.tried import without_versions

    noted, now = {one.vault: one for one in tried}, looked.watched.at
    for name in in_stores(found) if looked.standing.epoch else ():
        one = noted.get(name)
        if one is None:
            yield f"Keys of vault {name}: it {UNTRIED}."
            continue
        ago = words(timedelta(seconds=max(0.0, one.age(now))))
        yield f"Keys of vault {name}: tried {ago} ago ({one.at}), not now; {one.keeping}."
        for finding in one.findings:
            if finding != without_versions(name):
                yield f"Now: {finding.sentence}"


def in_stores(found: opening.Opened) -> tuple[str, ...]:
    """Names of vaults that are no folders, whose keys no server holds."""
    vaults = found.config.vaults.items()
    return tuple(name for name, vault in vaults if not vault.url.startswith("file:"))


def in_short(tried: "Sequence[VaultTried]", found: opening.Opened, now: "datetime") -> str:
    """For a watcher's line: how old it is, and what was found."""
    from datetime import timedelta

    from liferaft.evidence.watch import words

    noted = {one.vault: one for one in tried}
    said = []
    for name in in_stores(found):
        one = noted.get(name)
        if one is None:
            said.append(f"vault {name} {UNTRIED.partition(':')[0]}")
            continue
        ago = words(timedelta(seconds=max(0.0, one.age(now))))
        found_then = [finding.happened for finding in one.findings]
        said.append(
            f"keys of vault {name} were tried {ago} ago: {', '.join(found_then) or 'all well'}"
        )
    return "; ".join(said)
