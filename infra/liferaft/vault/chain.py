"""Numbered chains of create-only objects, and the chain of epochs over one."""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace

from liferaft.clouds.systems import FORMER_SYSTEM
from liferaft.failures import Held
from liferaft.vault import layout
from liferaft.vault.contract import Damaged, Vault


@dataclass(frozen=True)
class Link:
    """One object of a chain: its number, from 1, and its body."""

    number: int
    body: bytes


class NumberedChain:
    """Objects `FOLDER/00000001`, `FOLDER/00000002`, …: each is created once and never changed.

    What else lies in the folder is not ours, and is left alone.
    """

    def __init__(self, vault: Vault, folder: str) -> None:
        self._vault = vault
        self._folder = folder

    def latest(self) -> Link | None:
        """The link with the highest number; None while there is none. Raises Damaged."""
        number = self.highest()
        return self.get(number) if number else None

    def highest(self) -> int:
        """The number of the latest link, without reading it; 0 while there is none."""
        found = (layout.link_number(self._folder, key) for key in self._vault.list(self._folder))
        return max((number for number in found if number is not None), default=0)

    def get(self, number: int) -> Link:
        """The link of this number. Raises KeyMissing and Damaged."""
        return Link(number, self._vault.get(self._key(number)))

    def append(self, number: int, body: bytes) -> bool:
        """True if this body is the link of this number now, False if another body is.

        The body must be one of a kind (hold a nonce), and the number one more than the latest.
        """
        return self._vault.create(self._key(number), body)

    def _key(self, number: int) -> str:
        return layout.link(self._folder, number)


@dataclass(frozen=True)
class EpochRecord:
    """One epoch: which site reigns since `at` (UTC, ISO 8601), by which run, and what its servers
    run: a database is never restored to another system unasked."""

    epoch: int
    site: str
    run: str
    at: str
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    system: str = FORMER_SYSTEM

    def to_json(self) -> bytes:
        """The former system goes without saying: versions that know no other read it."""
        told = asdict(self)
        if self.system == FORMER_SYSTEM:
            del told["system"]
        return json.dumps(told, sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "EpochRecord":
        return cls(**json.loads(body))


class EpochTaken(Held):
    """Another run holds this epoch, or a higher one: this run is superseded."""

    def __init__(self, wanted: int, holder: EpochRecord) -> None:
        self.holder = holder
        super().__init__(
            f"Epoch {wanted} cannot be taken: run {holder.run} took epoch {holder.epoch} "
            f"for site {holder.site} at {holder.at}",
            safe=f"Site {holder.site} reigns; this run has not started to serve.",
            do="Look at `liferaft status` before anything else.",
        )


class EpochChain:
    """Who reigns, at one witness. The higher epoch always wins."""

    def __init__(self, vault: Vault) -> None:
        self._chain = NumberedChain(vault, layout.EPOCHS)

    def current(self) -> EpochRecord | None:
        """The record of the highest epoch; None before the first deploy.

        Raises Damaged: an earlier epoch says nothing about who reigns now.
        """
        try:
            link = self._chain.latest()
        except Damaged as damage:
            raise damage.mended_by(
                "Put back an earlier version of this object, from the store's own versions or from "
                "a copy of the vault. Do not delete it: then the site before it would reign again.",
                safe="Who reigns is not known, and so nothing was done.",
            ) from None
        return EpochRecord.from_json(link.body) if link else None

    def record(self, epoch: int) -> EpochRecord:
        """The record of one epoch. Raises KeyMissing."""
        return EpochRecord.from_json(self._chain.get(epoch).body)

    def claim(self, record: EpochRecord) -> EpochRecord:
        """Take the epoch `record.epoch`, after the current one. The point of no return.

        Numbers between are taken with it, as the present site's: they were given out once, in what
        a vault held before it was put back, and nobody may get one again.

        Claiming again for the same run and site returns the record that is there, so a resumed
        run goes on. Raises EpochTaken if any other run holds this epoch or a higher one.
        """
        current = self.current()
        if current is not None and current.epoch >= record.epoch:
            return _same_run(record, current)
        if current is None and record.epoch != 1:
            raise ValueError(f"the next epoch is 1, not {record.epoch}")
        if current is not None:
            for number in range(current.epoch + 1, record.epoch):
                between = replace(record, epoch=number, site=current.site)
                self._chain.append(number, between.to_json())
        if self._chain.append(record.epoch, record.to_json()):
            return record
        return _same_run(record, EpochRecord.from_json(self._chain.get(record.epoch).body))


def _same_run(wanted: EpochRecord, holder: EpochRecord) -> EpochRecord:
    if (holder.epoch, holder.site, holder.run) != (wanted.epoch, wanted.site, wanted.run):
        raise EpochTaken(wanted.epoch, holder)
    return holder
