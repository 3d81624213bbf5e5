"""Requests of one vault beside others: who is silent is told from who is only slow.

Each goes in a thread of its own, which nobody waits for at the end: a connection into a network
that drops everything must not hold up a command that has another vault to go on with.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from liferaft.vault import layout
from liferaft.vault.contract import Vault, VaultUnavailable

T = TypeVar("T")
GRACE_SECONDS: Final = 5.0
"""After so long without an answer a vault is asked whether it is there at all."""


class Question(Generic[T]):
    """A request that is under way at one vault."""

    def __init__(
        self, vault: Vault, doing: str, call: Callable[[Vault], T], *, grace: float
    ) -> None:
        self.vault = vault
        self._doing, self._call, self._grace = doing, call, grace
        self._answer: Future[T] = Future()
        self._began = time.monotonic()
        self.seconds = 0.0
        """How long it took, once it is answered."""
        threading.Thread(target=self._work, name=f"vault {vault.name}", daemon=True).start()

    def in_time(self) -> T:
        """The answer; raises VaultUnavailable if there is none in time."""
        try:
            return self._answer.result(self._grace)
        except TimeoutError:
            if self._answer.done():
                raise  # the request's own
            said = f"no answer within {self._grace:.0f} s"
            raise VaultUnavailable(self.vault.name, self._doing, said) from None

    def answer(self) -> T:
        """The answer, however long it takes, while the vault answers a short question beside it.
        Raises what the vault raises."""
        while True:
            try:
                return self.in_time()
            except VaultUnavailable:
                if self._answer.done():
                    return self._answer.result()
                require_answer(self.vault, grace=self._grace)

    def _work(self) -> None:
        try:
            self._answer.set_result(self._time(self._call(self.vault)))
        except BaseException as failure:  # noqa: BLE001  # raised again by who waits for it
            self._answer.set_exception(failure)

    def _time(self, answer: T) -> T:
        self.seconds = time.monotonic() - self._began
        return answer


def require_answer(vault: Vault, *, grace: float) -> None:
    """Ask a short question. Raises VaultFailure if the vault does not answer it well in time."""
    Question(vault, "asking whether it is there", _notes, grace=grace).in_time()


def _notes(vault: Vault) -> object:
    return vault.list(layout.AWAY)
