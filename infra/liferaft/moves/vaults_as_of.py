"""All vaults as they were just before a moment: looked at, and put back to it.

For the day when somebody had a vault's key. docs/decisions/091-a-vault-as-of-a-moment.md.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from liferaft.config import Config, Credentials
from liferaft.failures import Failure, Refused
from liferaft.journal import require_free
from liferaft.journal.process import Process
from liferaft.moves.moment import written
from liferaft.moves.put_back_note import PutBackNote, key_of
from liferaft.vault import (
    CheckedVault,
    EveryVault,
    Vault,
    VaultFailure,
    layout,
    open_vault,
    vaults_apart,
)
from liferaft.vault.as_of import PastVault
from liferaft.vault.away import AwayNote
from liferaft.vault.given_out import highest_given_out
from liferaft.vault.putting_back import PuttingBack
from liferaft.vault.versions import Versions

_NO_VERSIONS: Final = (
    "its bucket keeps no versions (if somebody has suspended them, switch them on again, and what "
    "it kept before is found)"
)
ROUNDS: Final = 3
"""How often what was written meanwhile is hidden again."""


@dataclass(frozen=True)
class VaultsAsOf:
    """All vaults as of a moment.

    Attributes:
        then: as they were, to be read alone.
        now: those that are put back, as they are; the others are left out.
        works: what has to be done to each; of those that were put back before nothing.
        aside: by name, why a vault is left out.
        above: the highest epoch that was ever given out.
        before: by name, the notes of vaults that were put back before.
    """

    moment: datetime
    then: Vault
    now: Vault
    works: tuple[PuttingBack, ...]
    aside: Mapping[str, str]
    above: int
    before: Mapping[str, PutBackNote]

    @property
    def is_past(self) -> bool:
        """Whether `then` is another than what is there: something is left to be put back."""
        return bool(self.works)

    def sentences(self) -> tuple[str, ...]:
        """For a person who is to agree to it."""
        when = written(self.moment)
        told = [_told(work, when) for work in self.works]
        told += [
            f"Vault {name} was put back to {when} before, at {note.at} by {note.by}: this goes on "
            "from there. If that was none of you, whoever had the key wrote so: name a moment that "
            "is a second earlier."
            for name, note in self.before.items()
        ]
        told += [
            f"Vault {name} is LEFT OUT: {why}. What lies there is not to be trusted: declare an "
            "empty bucket in its place, which the next deploy fills."
            for name, why in self.aside.items()
        ]
        if self.works:
            told.append(
                "Whoever holds a stolen key can do it again: revoke it at the vendor, and give "
                "this command a new one, before anything else."
            )
        return tuple(told)

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "vault": work.vault,
                "as_of": written(self.moment),
                "overwritten": len(work.overwritten),
                "deleted": len(work.deleted),
                "new": len(work.new),
                "kept": work.kept,
                "bytes": work.bytes_copied,
            }
            for work in self.works
        ] + [{"vault": name, "left_out": why} for name, why in self.aside.items()]

    def put_back(self, watch: Callable[[str, int, int], None], *, take_over: bool = False) -> None:
        """Do it, one vault after the other. watch: told the vault, and how many objects of how many
        are done. Blocks.

        Raises VaultFailure, LeaseHeld unless it is to be taken over, and Refused where somebody
        goes on overwriting or was faster: run again, it goes on.
        """
        vaults = {vault.name: vault for vault in vaults_apart(self.now)}
        for work in self.works:  # a person may have thought about it for long
            if not take_over:
                require_free(vaults[work.vault])
            self._require_first(vaults[work.vault], 0)
        for work in self.works:
            vault = vaults[work.vault]
            note = self._note(work)
            vault.put(key_of(self.moment, "begun"), note.to_json())
            self._put_back(vault, work, watch)
            for name, why in self.aside.items():
                away = AwayNote(name, self.moment.isoformat(), why)
                vault.put(away.key, away.to_json())
        for work in self.works:  # not before all are: a failover may only begin then
            at = datetime.now(UTC).isoformat(timespec="seconds")
            done = replace(self._note(work), at=at)
            vaults[work.vault].put(key_of(self.moment, "done"), done.to_json())

    def _require_first(self, vault: Vault, highest: int) -> None:
        """Nobody has put it back to this moment meanwhile, nor taken a number that this command is
        about to give out: what they have written since is not the thief's."""
        if PutBackNote.read(vault, self.moment) is None and highest <= self.above:
            return
        raise Refused(
            f"Somebody else has put vault {vault.name} back, or has moved the application, since "
            "this command looked",
            safe="Nothing of what they wrote was hidden by this.",
            do="Ask who else is at it. Then run the same command again: it goes by what is there.",
        )

    def _put_back(
        self, vault: Vault, work: PuttingBack, watch: Callable[[str, int, int], None]
    ) -> None:
        for _ in range(ROUNDS):
            work.run(partial(watch, work.vault))
            work = PuttingBack.of(work.versions, self.moment)
            self._require_first(vault, work.epochs)
            if work.lost:
                raise Refused(
                    f"Somebody changes vault {work.vault} while it is put back: "
                    f"{work.lost[0].key} and {len(work.lost) - 1} more objects are not as they "
                    "were, again",
                    safe="Every version that there was is still there.",
                    do="Revoke the stolen key at the vendor, then run the same command again.",
                )
            if not work.new:
                return
        raise Refused(
            f"Somebody goes on writing to vault {work.vault}: {work.new[0].key} is new, again",
            safe="What was overwritten or deleted is as it was; every version is still there.",
            do="Revoke the keys that the servers of the site hold, or stop them; then run the same "
            "command again.",
        )

    def _note(self, work: PuttingBack) -> PutBackNote:
        return PutBackNote(
            written(self.moment),
            self.above,
            len(work.overwritten),
            len(work.deleted),
            len(work.new),
            Process.this().who,
            [vault.name for vault in vaults_apart(self.now)],
        )


def look_back(
    config: Config, credentials: Credentials, moment: datetime, *, take_over: bool = False
) -> VaultsAsOf:
    """List every version of every vault, and change nothing. Blocks.

    Raises Refused where no vault keeps versions of then, LeaseHeld while somebody's run is under
    way, unless it is to be taken over.
    """
    names = tuple(config.vaults)
    with ThreadPoolExecutor() as pool:
        each = pool.map(partial(_versions, config, credentials), names)
        found = dict(zip(names, each, strict=True))
    versions = {name: one for name, one in found.items() if isinstance(one, Versions)}
    aside = {name: one for name, one in found.items() if isinstance(one, str)}
    vaults = {
        name: open_vault(name, vault, credentials.vaults[name], prefix=config.app.name)
        for name, vault in config.vaults.items()
    }
    notes = {name: PutBackNote.read(vaults[name], moment) for name in versions}
    before = {name: note for name, note in notes.items() if note is not None}
    if before:
        _leave_out_others(before, versions, aside)
    works: dict[str, PuttingBack] = {}
    for name in [name for name in versions if name not in before]:
        if not take_over:
            require_free(vaults[name])
        work = _looked_at(versions[name], moment)
        if isinstance(work, str):
            aside[name] = work
            del versions[name]
        else:
            works[name] = work
    _require_some(versions, aside, moment)
    now = {name: vaults[name] for name in versions}
    then = {
        name: CheckedVault(PastVault(work.versions, work.pasts)) for name, work in works.items()
    }
    given_out = [work.epochs for work in works.values()]
    given_out += [note.above for note in before.values()]
    given_out += [_highest_epoch(vaults[name]) for name in aside]
    return VaultsAsOf(
        moment,
        _together(config, tuple((now | then).values())),
        _together(config, tuple(now.values())),
        tuple(works.values()),
        aside,
        max(given_out, default=0),
        before,
    )


def _leave_out_others(
    before: Mapping[str, PutBackNote], versions: dict[str, Versions], aside: dict[str, str]
) -> None:
    """No move begins before all that are put back have their notes: a vault without one that did
    not belong to them may have been left out of a move that wrote to the others since."""
    together = {str(name) for note in before.values() for name in note.vaults}
    for name in versions.keys() - before.keys() - together:
        aside[name] = "it was left out when the others were put back"
        del versions[name]


def _looked_at(versions: Versions, moment: datetime) -> PuttingBack | str:
    """What has to be done to a vault; or why it is left out."""
    try:
        work = PuttingBack.of(versions, moment)
    except VaultFailure as failure:
        return f"it cannot be asked: {failure}"
    return work if any(past.was_there for past in work.pasts.values()) else _too_early(work)


def _versions(config: Config, credentials: Credentials, name: str) -> Versions | str:
    """The versions that a vault keeps; or why it is left out."""
    vault, keys = config.vaults[name], credentials.vaults[name]
    versions = Versions.of(name, vault, keys, prefix=config.app.name)
    if versions is None:
        return "it is a folder, which keeps no versions"
    try:
        return versions if versions.are_kept() else _NO_VERSIONS
    except VaultFailure as failure:
        return f"it cannot be asked: {failure}"


def _too_early(work: PuttingBack) -> str:
    moments = [past.now.at for past in work.pasts.values() if past.now is not None]
    first = f"the oldest that it has is of {written(min(moments))}" if moments else "it is empty"
    return f"it has nothing of before then: {first}"


def _require_some(
    versions: Mapping[str, Versions], aside: Mapping[str, str], moment: datetime
) -> None:
    if versions:
        return
    raise Refused(
        f"No vault can be put back to {written(moment)}: "
        + "; ".join(f"vault {name}: {why}" for name, why in aside.items()),
        safe="Nothing was done.",
        do="Name a later moment, if a vault has nothing of before then. Without versions of a "
        "store there is no way back: leave `--vault-as-of` out, and a failover takes what is "
        "there.",
    )


def _together(config: Config, vaults: Sequence[CheckedVault]) -> Vault:
    """As they are opened for any command; one of several that are declared is still named."""
    return vaults[0] if len(config.vaults) == 1 else EveryVault(vaults)


def _highest_epoch(vault: Vault) -> int:
    """Of a vault that is left out, if it can be asked: it may be that somebody moved there."""
    try:
        return highest_given_out(vault.list(layout.EPOCHS))
    except Failure:
        return 0


def _told(work: PuttingBack, when: str) -> str:
    return (
        f"Vault {work.vault} is put back to {when}: {len(work.overwritten)} objects overwritten "
        f"since and {len(work.deleted)} deleted come back ({work.bytes_copied / 1e6:.1f} MB), "
        f"{len(work.new)} that came since are HIDDEN; {work.kept} are as they were. No version is "
        "destroyed."
    )
