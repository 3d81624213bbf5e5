"""The program as it goes onto a server."""

import ast
import sys
from itertools import chain
from pathlib import Path

SOURCES = Path(__file__).parents[3] / "infra/liferaft/hosts/switching"
ALLOWED = {*sys.stdlib_module_names, "yaml"}


def test_the_program_needs_nothing_but_pythons_own_and_what_podman_compose_has() -> None:
    """Servers have nothing else."""
    sources = [path.read_text() for path in SOURCES.glob("*.py")]
    assert sources
    for node in chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Import):
            assert {one.name.partition(".")[0] for one in node.names} <= ALLOWED
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert str(node.module).partition(".")[0] in ALLOWED
