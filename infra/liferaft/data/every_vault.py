"""A data set in every vault: kept in each by itself, brought back from the first that can.

One that is dead, full or lying takes nothing from the others: that it has no copy is told, and the
part says which have. With one vault alone all of this comes to its own acts, and asks nothing more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from liferaft.data.contract import DataSet
from liferaft.data.failures import ArchiveMissing, NotAsSealed, RestoreFailed, SnapshotFailed
from liferaft.data.in_vaults import NOT_IN, holders, joined, part_in
from liferaft.data.rclone import Sealed
from liferaft.data.silence import silence
from liferaft.failures import DeadlinePassed, Failure
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.remote.complaints import SERVERS_DISK
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.markers import is_marked, mark

_HOSTS_OWN: Final = (
    *("no space left on device", "disk quota exceeded", "read-only file system"),
    *(SERVERS_DISK.why.lower(), "file too big for remaining disk space"),
)
"""What a host says of its own disk: another vault does not change it."""
_log = logging.getLogger(__name__)


class InOneVault(Protocol):
    """Something that lies in one vault."""

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def sealed(self) -> Sealed: ...


class SealedData(InOneVault, DataSet, Protocol):
    """A data set in one vault."""


K = TypeVar("K", bound=InOneVault)
D = TypeVar("D", bound=SealedData)
T = TypeVar("T")


@dataclass(frozen=True)
class InEveryVault(Generic[D]):
    """A `DataSet` over the same data set at each vault, in the order of liferaft.toml."""

    sets: tuple[D, ...]

    @property
    def kind(self) -> str:
        return self.sets[0].kind

    @property
    def name(self) -> str:
        return self.sets[0].name

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """In all of them at one time. Raises only where none took it."""

        def take(one: D) -> Awaitable[Part]:
            return one.snapshot(host, epoch=epoch, marker=marker)

        return await keep_in_every(host, self.sets, take)

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """From the first vault of the part that answers and has it whole."""
        if len(self.sets) > 1 and await self.is_restored(host, marker=marker):
            first = copies(self.sets, part)[0]
            return first.summary(part_in(part, vault_of(first)))

        def bring(one: D, own: Part) -> Awaitable[Mapping[str, Any]]:
            return one.restore(host, own, marker=marker)

        return await bring_from_any(host, self.sets, part, bring)

    async def is_restored(self, host: Host, *, marker: str) -> bool:
        return await self.sets[0].is_restored(host, marker=marker)

    async def verify(self, host: Host, part: Part) -> None:
        """Against what was noted of the vault that it came from."""
        having = copies(self.sets, part)
        came = having[0]
        if len(self.sets) > 1:
            for one in having:
                if await is_marked(host, _source(one), vault_of(one)):
                    came = one
        await came.verify(host, part_in(part, vault_of(came)))

    def summary(self, part: Part) -> Mapping[str, Any]:
        """Of the first vault that has it; what is to be told, of each, and which have it not."""
        having = copies(self.sets, part)
        said = {vault_of(one): one.summary(part_in(part, vault_of(one))) for one in having}
        first = dict(said[vault_of(having[0])])
        told = _told(said) + not_taken(part)
        return {**first, TOLD: told} if told else first


def vault_of(one: InOneVault) -> str:
    """The vault's name."""
    return one.sealed.vault.name


def copies(sets: Sequence[K], part: Part) -> tuple[K, ...]:
    """Those whose vault has the part whole. Raises RestoreFailed where none is configured any
    more."""
    names = holders(part, [vault_of(one) for one in sets])
    if not names:
        raise RestoreFailed(
            f"{_called(part)} lies in vault {' and '.join(part.vaults)}, which liferaft.toml does "
            "not name any more.",
            safe="Nothing was done.",
            do="Name that vault in liferaft.toml again, or use another recovery point.",
        )
    return tuple(one for one in sets if vault_of(one) in names)


def not_taken(part: Part) -> list[str]:
    """Sentences about the vaults that did not take a part. Pure."""
    where = " and ".join(part.vaults)
    return [
        f"{_called(part)} is NOT in vault {vault}: {why} It is in vault {where} alone; the next "
        f"snapshot brings it to {vault}."
        for vault, why in part.facts.get(NOT_IN, {}).items()
    ]


async def keep_in_every(
    host: Host, sets: Sequence[K], take: Callable[[K], Awaitable[Part]]
) -> Part:
    """What each vault took, as one part. A vault that did not is told; raises where none did."""
    acts = [asyncio.create_task(_kept(host, one, take, alone=len(sets) == 1)) for one in sets]
    try:
        came = await asyncio.gather(*acts)
    finally:
        for act in acts:
            act.cancel()
    named = {vault_of(one): what for one, what in zip(sets, came, strict=True)}
    taken = {vault: part for vault, part in named.items() if isinstance(part, Part)}
    failed = {vault: what for vault, what in named.items() if isinstance(what, Failure)}
    if not taken:
        raise together(list(failed.values()))
    part = joined(taken, failed)
    for said in not_taken(part):
        _log.warning("%s", said)
    return part


async def bring_from_any(
    host: Host, sets: Sequence[K], part: Part, bring: Callable[[K, Part], Awaitable[T]]
) -> T:
    """What bringing a part from its first vault came to, or from the next where that one does not
    answer or its copy is of no use: this is told. Raises where none is left to ask."""
    having = copies(sets, part)
    if len(sets) == 1:
        return await bring(having[0], part_in(part, vault_of(having[0])))
    failures: list[Failure] = []
    for one, following in zip(having, [*having[1:], None], strict=True):
        try:
            if following is not None:
                await require_answer(host, one, RestoreFailed)
            await mark(host, _source(one), vault_of(one))
            return await bring(one, part_in(part, vault_of(one)))
        except (HostActFailed, DeadlinePassed) as failure:
            if is_of_host(failure):
                raise
            failures.append(failure)
            if following is not None:
                _log.warning(
                    "%s %s is brought from vault %s instead.",
                    *(failure, _called(part), vault_of(following)),
                )
    raise together(failures)


async def require_answer(host: Host, one: InOneVault, failure: type[HostActFailed]) -> None:
    """Raise where its vault does not answer the host."""
    why = await silence(host, one.sealed.vault)
    if why is not None:
        raise failure(
            f"Vault {vault_of(one)} does not answer server {host.address}: {why}.",
            do="Run the same command again once the vault answers.",
        )


def is_of_host(failure: Failure) -> bool:
    """Whether another vault would be of no use: the host is lost, or its disk is full. Pure."""
    said = f"{failure} {failure.facts.details.get('said', '')}".lower()
    return isinstance(failure, Unreachable) or any(words in said for words in _HOSTS_OWN)


def together(failures: Sequence[Failure]) -> Failure:
    """One for all. Of those that say what is lacking, and do not only ask to try again, it is one;
    what is the same at each vault is told once, and is none of theirs. Pure."""
    happened = list(dict.fromkeys(one.facts.happened for one in failures))
    if len(happened) == 1:
        return failures[0]
    lacking = [one for one in failures if isinstance(one, NotAsSealed | ArchiveMissing)]
    first: Failure = [*lacking, *failures][0]
    kind = type(first)
    return kind(
        " ".join(happened),
        safe=first.facts.safe,
        do=" ".join(dict.fromkeys(one.facts.do for one in [first, *failures] if one.facts.do)),
        details={name: text for one in failures for name, text in one.facts.details.items()},
    )


async def _kept(
    host: Host, one: K, take: Callable[[K], Awaitable[Part]], *, alone: bool
) -> Part | Failure:
    try:
        if not alone:
            await require_answer(host, one, SnapshotFailed)
        return await take(one)
    except (HostActFailed, DeadlinePassed) as failure:
        if isinstance(failure, Unreachable):
            raise
        return failure


def _told(said: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is to be told of each vault; once where it is the same of all."""
    told = {vault: tuple(summary.get(TOLD, ())) for vault, summary in said.items()}
    if len(set(told.values())) == 1:
        return [*next(iter(told.values()))]
    return [f"In vault {vault}: {row}" for vault, rows in told.items() for row in rows]


def _called(part: Part) -> str:
    return f"{part.kind.capitalize()} {part.name}"


def _source(one: InOneVault) -> str:
    """The marker that says from which vault something is, or was, brought back."""
    return f"{one.kind}-{one.name}.vault"
