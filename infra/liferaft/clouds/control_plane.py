"""Talking to a cloud's API: the one place that retries, waits and turns errors into failures.

The SDKs' own retries are off. A retry honours Retry-After and ends with its budget; a wait ends
with its deadline and says what it waited for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import stamina

from liferaft.clouds.classification import REPEATABLE, Classification, CloudFailure, Verdict
from liferaft.failures import DeadlinePassed

T = TypeVar("T")

NOTHING_CHANGED = "Nothing was changed by this question."
_ASK_AGAIN = (Verdict.OUTAGE, Verdict.THROTTLE)


@dataclass(frozen=True)
class Patience:
    """How long to insist. All in seconds; `attempts` counts calls, the first one included."""

    attempts: int = 6
    budget: float = 60.0
    wait_initial: float = 0.2
    wait_max: float = 5.0
    jitter: float = 0.3
    poll: float = 0.3
    """First pause of a wait; grows to `poll_max`."""
    poll_max: float = 2.0
    settle: float = 5.0
    """After a lost answer to a create: how long to look for what it may have made."""
    ready: float = 300.0
    """A server until it runs, a network until it can be used."""
    imaged: float = 1200.0
    """A machine image until servers can boot from it. The snapshot behind it is copied to storage
    first: botocore's own waiter for one gives it ten minutes, and larger disks take longer."""
    gone: float = 300.0
    """A deletion until nothing is left, what still uses the thing included."""


class _NotYetError(Exception):
    """A probe has not seen what it waits for."""


@dataclass(frozen=True)
class _Refusals:
    """Codes that say that there is nothing left to do, and codes of what passes by itself."""

    done: Callable[[str], bool]
    passing: Callable[[str], bool]


def _is_never(_: str) -> bool:
    return False


@dataclass(frozen=True)
class ControlPlane:
    """One cloud's API, as polite calls. Blocking: call it from a thread."""

    cloud: str
    errors: tuple[type[Exception], ...]
    """What this cloud's SDK raises."""
    classify: Callable[[Exception], Classification]
    is_gone: Callable[[str], bool]
    """True for codes that say: there is no such thing."""
    is_busy: Callable[[str], bool]
    """True for codes that say: still used by something else, or an action is running on it."""
    patience: Patience = field(default_factory=Patience)
    is_taken: Callable[[str], bool] = _is_never
    """True for codes that say: it exists, or is so, already."""

    def ask(self, doing: str, call: Callable[[], T], *, safe: str = NOTHING_CHANGED) -> T:
        """`call()`, repeated through outages and throttling; must be safe to repeat.

        Raises CloudFailure naming `doing` ("reading server app-1").
        """
        patience = self.patience

        def again(error: Exception) -> bool | float:
            if not isinstance(error, self.errors):
                return False
            meaning = self.classify(error)
            if meaning.verdict not in _ASK_AGAIN:
                return False
            if meaning.retry_after is None:
                return True
            return meaning.retry_after if meaning.retry_after <= patience.budget else False

        try:
            for attempt in stamina.retry_context(
                on=again,
                attempts=patience.attempts,
                timeout=patience.budget,
                wait_initial=patience.wait_initial,
                wait_max=patience.wait_max,
                wait_jitter=patience.jitter,
            ):
                with attempt:
                    return call()
        except self.errors as error:
            raise CloudFailure(self.cloud, doing, self.classify(error), safe=safe) from error
        raise AssertionError("stamina ends with an answer or an error")

    def look_up(self, doing: str, call: Callable[[], T]) -> T | None:
        """As `ask`, but None when the cloud says that there is no such thing."""
        try:
            return self.ask(doing, call)
        except CloudFailure as failure:
            if self.is_gone(failure.classification.code):
                return None
            raise

    def create_once(self, doing: str, find: Callable[[], T | None], create: Callable[[], T]) -> T:
        """What `find` sees, else what `create` makes; a lost answer never makes a second one.

        `find` looks for the owner token. After an answer was lost it is asked for `settle`
        seconds before anything is created again, because listings lag behind creations; so it is
        when the cloud says that the name is taken.
        """
        lost = False

        def find_or_create() -> T:
            nonlocal lost
            found = self.look_for(find) if lost else find()
            if found is not None:
                return found
            try:
                return create()
            except self.errors as error:
                meaning = self.classify(error)
                lost = meaning.verdict is Verdict.OUTAGE
                found = self.look_for(find) if self.is_taken(meaning.code) else None
                if found is None:
                    raise
                return found

        return self.ask(doing, find_or_create, safe=REPEATABLE)

    def wait_for(self, what: str, probe: Callable[[], T | None], *, seconds: float) -> T:
        """The first answer of `probe` that is not None; DeadlinePassed after `seconds`."""
        try:
            return self._poll(probe, seconds)
        except _NotYetError:
            raise DeadlinePassed(
                f"{self.cloud}: waited {seconds:g} s for {what}, and it did not happen",
                safe=REPEATABLE,
                do="Run the same command again; it goes on waiting for the same thing.",
                details={"cloud": self.cloud},
            ) from None

    def wait_until_listed(self, what: str, read: Callable[[], T | None]) -> T:
        """What `read` says of something just created, once it knows of it."""
        return self.wait_for(f"{what} to be listed", read, seconds=self.patience.ready)

    def ensure(self, doing: str, call: Callable[[], object]) -> None:
        """`call()` on something that may be new: "no such thing" is believed only after `settle`
        seconds, and what is so already is a success."""
        refusals = _Refusals(done=self.is_taken, passing=self.is_gone)
        self._insist(doing, call, refusals, seconds=self.patience.settle, safe=REPEATABLE)

    def remove(self, doing: str, call: Callable[[], object]) -> None:
        """`call()` until it succeeds or the thing is gone, waiting out what still uses it."""
        refusals = _Refusals(done=self.is_gone, passing=self.is_busy)
        safe = "It may still exist; nothing else was touched."
        self._insist(doing, call, refusals, seconds=self.patience.gone, safe=safe)

    def _insist(
        self,
        doing: str,
        call: Callable[[], object],
        refusals: _Refusals,
        *,
        seconds: float,
        safe: str,
    ) -> None:
        """`call()` until it succeeds or its refusal means that it is done already; refusals that
        pass are waited out, and the last one is raised after `seconds`."""
        waited_out: list[CloudFailure] = []

        def probe() -> bool | None:
            try:
                self.ask(doing, call, safe=safe)
            except CloudFailure as failure:
                code = failure.classification.code
                if refusals.done(code):
                    return True
                if refusals.passing(code):
                    waited_out.append(failure)
                    return None
                raise
            return True

        try:
            self._poll(probe, seconds)
        except _NotYetError:
            raise waited_out[-1] from None

    def look_for(self, find: Callable[[], T | None]) -> T | None:
        """What `find` sees within `settle` seconds; None if it stays unseen."""
        try:
            return self._poll(find, self.patience.settle)
        except _NotYetError:
            return None

    def _poll(self, probe: Callable[[], T | None], seconds: float) -> T:
        for attempt in stamina.retry_context(
            on=_NotYetError,
            attempts=None,
            timeout=seconds,
            wait_initial=self.patience.poll,
            wait_max=self.patience.poll_max,
            wait_jitter=0.1,
            wait_exp_base=1.3,
        ):
            with attempt:
                answer = probe()
                if answer is None:
                    raise _NotYetError
                return answer
        raise AssertionError("stamina ends with an answer or an error")
