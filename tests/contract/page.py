"""docs/contract.md: `python -m tests.contract.page >docs/contract.md` writes it anew."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contract.table import sentence

from liferaft.clouds.contract import Ability
from liferaft.clouds.kinds import KINDS
from liferaft.clouds.registry import CLOUDS

HERE = Path(__file__).parent
THEMES = ("create", "lag", "shared", "change", "refusals", "faults", "suspension")
COMMAND = ".venv/bin/pytest tests/contract/test_clouds_*.py"
_PREFACE = f"""\
# What every cloud does

One suite holds all clouds to one contract:

```
{COMMAND}
```

It needs root: the machines of `ssh` are chroots in namespaces of their own. At the end it prints
this page's behaviours with a column for each cloud: `pass`, `declared absent` or `FAILED`. Nothing
is skipped: where a cloud does not declare the kind or the ability that a behaviour is about, the
same test has to end in `Unsupported`, naming the configuration key that supplies it elsewhere;
where a cloud cannot have the trouble at all (SSH knows no Retry-After), the table says why.

What the simulated clouds answer to trouble is cited in `tests/contract/worlds/`, one file for each
cloud; what nobody has documented is marked `assumed` there.
"""


def page() -> str:
    return "\n".join([_PREFACE, *_declared(), *_behaviours()])


def themes() -> dict[str, tuple[str, list[str]]]:
    """By a test file's theme: what it is about, and its behaviours."""
    found = {}
    for path in sorted(HERE.glob("test_clouds_*.py"), key=_place):
        module = ast.parse(path.read_text())
        tests = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
        about = (ast.get_docstring(module) or "").replace("\n", " ")
        behaviours = [sentence(name) for name in tests if name.startswith("test_")]
        found[_theme(path)] = about, behaviours
    return found


def _theme(path: Path) -> str:
    return path.stem.removeprefix("test_clouds_")


def _place(path: Path) -> int:
    """Raises ValueError for a file that has no place yet."""
    return THEMES.index(_theme(path))


def _declared() -> Iterator[str]:
    clouds = sorted(CLOUDS)
    yield f"| declared | {' | '.join(clouds)} |"
    yield f"| --- {'| --- ' * len(clouds)}|"
    for kind in KINDS:
        has = ["yes" if kind in CLOUDS[cloud].kinds else "" for cloud in clouds]
        yield f"| {kind.replace('_', ' ')} | {' | '.join(has)} |"
    for ability in Ability:
        has = ["yes" if ability in CLOUDS[cloud].abilities else "" for cloud in clouds]
        yield f"| {ability} | {' | '.join(has)} |"


def _behaviours() -> Iterator[str]:
    for theme, (about, behaviours) in themes().items():
        yield f"\n## {theme.capitalize()}\n"
        yield about + "\n"
        yield from (f"- {behaviour}" for behaviour in behaviours)
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
