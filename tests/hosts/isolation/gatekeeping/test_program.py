"""The gate's program as it goes onto a server."""

import ast
import sys
from itertools import chain
from pathlib import Path

SOURCES = Path(__file__).parents[4] / "infra/liferaft/hosts/isolation/gatekeeping"


def test_the_program_needs_nothing_but_pythons_own() -> None:
    """A drill's servers cannot fetch anything once they are shut."""
    sources = [path.read_text() for path in SOURCES.glob("*.py")]
    assert sources
    for node in chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Import):
            assert {one.name.partition(".")[0] for one in node.names} <= sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert str(node.module).partition(".")[0] in sys.stdlib_module_names
