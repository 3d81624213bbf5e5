"""What containers that did not stay up said last, fit to be shown."""

from pathlib import Path

from .containers import look, run
from .files import told
from .order import Order

LINE = 4000
"""Characters: a longer line of a log is a dump, and left out."""
TELLING = 4
"""Characters: shorter values, such as `1` or `yes`, are in any text and tell nothing."""


def last_words(order: Order, begun: int) -> str:
    """The last lines of the unit, where podman's own words are, and of each container.

    begun: when the change was, in Unix seconds: what was said before is of another one.
    """
    journal = ["--no-pager", "--quiet", "--lines", "20", "--since", f"@{begun}"]
    said = run("journalctl", *journal, "--unit", order.unit).stdout
    for container in look(order.project).values():
        own = run("podman", "logs", "--tail", "20", container.name)
        said += f"== {container.name}\n{own.stdout}{own.stderr}"
    return fit(said, order.before)


def fit(said: str, before: Path) -> str:
    """The text without what the containers before were told, and without dumps.

    It may have changed since, and whoever gets the text knows the new values alone. A line is whole
    or left out: in a part of one nobody would recognise the half of a secret.
    """
    for name, value in sorted(told(before), key=lambda each: len(each[1]), reverse=True):
        if len(value) >= TELLING:
            said = said.replace(value, f"[{name}]")
    return "".join(
        line if len(line) <= LINE else f"(a line of {len(line)} characters)\n"
        for line in said.splitlines(keepends=True)
    )
