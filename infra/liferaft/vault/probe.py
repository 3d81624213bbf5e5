"""Whether a vault honours create-only writes: asked of the store, never believed of its vendor."""

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier

from liferaft.failures import Refused
from liferaft.vault import layout
from liferaft.vault.contract import KeyMissing, Vault, VaultFailure, VaultRefused

RACERS = 16
_BARRIER_SECONDS = 30.0


@dataclass(frozen=True)
class Probe:
    """What a store was seen to do. It may hold data either way."""

    refuses_second: bool
    """A second create of the same key was refused, and the first body stayed."""
    one_winner: bool
    """Of creates at once, exactly one was told that it won, and its body is there."""
    reads_own_writes: bool
    """What was written was there to read, and to list, at once."""
    kept: tuple[str, ...] = ()
    """What it was tried with and did not let be deleted, by key."""

    @property
    def may_witness(self) -> bool:
        """Fit to hold epochs, the lease and the journal."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """What makes it unfit, in words."""
        words = {
            "a second create of the same object was not refused": self.refuses_second,
            f"of {RACERS} creates at once not exactly one won": self.one_winner,
            "what was just written could not be read and listed": self.reads_own_writes,
            "an object that was deleted is still there": not self.kept,
        }
        return tuple(fault for fault, well in words.items() if not well)


def probe(vault: Vault) -> Probe:
    """Try the store with keys of its own under `probe/`, which are deleted afterwards.

    A deletion may leave earlier versions: those are the store's to keep, and nobody's who reads.
    """
    folder = layout.probe(secrets.token_hex(8))
    try:
        seen = Probe(
            refuses_second=_refuses_second(vault, f"{folder}/twice"),
            one_winner=_has_one_winner(vault, f"{folder}/race"),
            reads_own_writes=_reads_own_writes(vault, folder),
        )
    except VaultFailure:
        with contextlib.suppress(VaultFailure):  # the first reason is the one to tell
            _tidy(vault, folder)
        raise
    return replace(seen, kept=_tidy(vault, folder))


def _tidy(vault: Vault, folder: str) -> tuple[str, ...]:
    """What the store does not let go."""
    for key in vault.list(folder):
        with contextlib.suppress(VaultRefused):
            vault.delete(key)
    return vault.list(folder)


def require_witness(vault: Vault) -> None:
    """Raise Refused unless the vault may hold epochs, the lease and the journal."""
    seen = probe(vault)
    if not seen.may_witness:
        raise Refused(
            f"Vault {vault.name} cannot be trusted with epochs and the lease: "
            + "; ".join(seen.faults),
            safe=f"No epoch was written, and {_left(seen)}.",
            do="Name another vault first in liferaft.toml. This one may stand after it.",
        )


def _left(seen: Probe) -> str:
    if not seen.kept:
        return "what was tried with is deleted"
    return (
        f"what was tried with does no harm there: delete {', '.join(seen.kept)} once their lock "
        "has run out"
    )


def _refuses_second(vault: Vault, key: str) -> bool:
    first, second = secrets.token_bytes(16), secrets.token_bytes(16)
    answers = vault.create(key, first), vault.create(key, second)
    return answers == (True, False) and vault.get(key) == first


def _has_one_winner(vault: Vault, key: str) -> bool:
    bodies = [secrets.token_bytes(16) for _ in range(RACERS)]
    start = Barrier(RACERS, timeout=_BARRIER_SECONDS)

    def race(body: bytes) -> bool:
        start.wait()
        return vault.create(key, body)

    with ThreadPoolExecutor(RACERS) as pool:
        won = [body for body, answer in zip(bodies, pool.map(race, bodies), strict=True) if answer]
    return won == [vault.get(key)]


def _reads_own_writes(vault: Vault, folder: str) -> bool:
    key, body = f"{folder}/read", secrets.token_bytes(16)
    vault.put(key, body)
    try:
        return vault.get(key) == body and key in vault.list(folder)
    except KeyMissing:
        return False
