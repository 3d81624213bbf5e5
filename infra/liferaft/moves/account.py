"""What a run has done so far, said when it fails: by the runner, from the journal and its results.

A step knows its own object alone. That nothing was changed is not its to say: the steps before it
may have led users elsewhere. So as soon as anything was done by this run, in this attempt or an
earlier one, what was done is said in place of a step's words, but for those that are `Own`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from liferaft.failures import Own
from liferaft.journal import RunRecord
from liferaft.plan.plan import Plan

KEPT = "Steps that finished stay as they are."


@dataclass
class Account:
    """Where the steps of a run stand, by name.

    Attributes:
        changed: those that changed something and are through, in any attempt.
        held: those whose goal held when they were asked.
        begun: those that were begun and are not through: they may have changed something.
        again: those that an earlier attempt began.
    """

    changed: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    again: frozenset[str] = frozenset()

    @classmethod
    def of(cls, run: RunRecord | None) -> "Account":
        """What earlier attempts did, by their journal."""
        account = cls()
        for event in run.events if run else ():
            account.note(event.kind.removeprefix("step-"), str(event.facts.get("step", "")))
        account.again = frozenset(account.changed | account.begun)
        return account

    @classmethod
    def of_another(cls, run: RunRecord | None) -> "Account":
        """What a run did that is not gone on with, since it would be planned differently now: what
        it changed may be as this plan would have it, or not."""
        account = cls.of(run)
        account.begun |= account.changed
        account.changed, account.held = set(), set()
        return account

    def note(self, kind: str, step: str) -> None:
        """An event of a step: `started`, `held`, `done` or `failed`."""
        if kind == "started":
            self.begun.add(step)
        elif kind in {"done", "held"}:
            self.begun.discard(step)
            (self.changed if kind == "done" else self.held).add(step)

    def safe(self, plan: Plan, step: str, own: str) -> str:
        """What is safe when this step failed and says `own`. Without a step: when nothing was begun
        by this attempt."""
        alone = self.begun <= {step} and not self.changed and step not in self.again
        if alone:
            return own or KEPT
        of_itself = [own] if isinstance(own, Own) else []
        return " ".join([*self._told(plan), *of_itself]) or KEPT

    def _told(self, plan: Plan) -> Iterator[str]:
        steps = plan.order()
        reached = self.changed | self.held
        untried = [step for step in steps if step.name not in reached | self.begun]
        yield from _sentence("By now", (s.after for s in steps if s.name in reached))
        yield from _sentence(
            "Begun, and perhaps true by now", (s.after for s in steps if s.name in self.begun)
        )
        yield from _sentence("As before", (s.until for s in untried))


def _sentence(beginning: str, parts: Iterable[str]) -> Iterator[str]:
    told = list(dict.fromkeys(part for part in parts if part))
    if told:
        yield f"{beginning}: {'; '.join(told)}."
