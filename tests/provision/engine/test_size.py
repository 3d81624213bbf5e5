"""The embedded engine is a lifeboat for the engine, not a second engine: it stays small."""

import ast
import io
import sys
import tokenize
from pathlib import Path

from liferaft.provision import engine

FOLDER = Path(engine.__file__).parent
LARGEST = 2500
SHARED = {
    *("contract", "choice", "copies", "lock", "marked", "project_file"),
    *("standing", "state", "storage", "stores"),
}
"""Serve the Pulumi CLI just as well: what an engine is and is asked to run, where the state rests,
who holds it."""
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def lines_of_code(text: str) -> int:
    """Lines that hold code: no blank ones, no comments, no docstrings."""
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held = {
        line
        for token in tokens
        if token.type not in _LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - told)


def test_a_line_of_code_is_neither_blank_nor_comment_nor_docstring() -> None:
    assert lines_of_code('"""Doc\nstring."""\n\n# comment\nx = (\n    1,\n)  # here\n') == 3


def test_the_embedded_engine_is_small() -> None:
    own = {
        file.stem: lines_of_code(file.read_text())
        for file in FOLDER.glob("*.py")
        if file.stem not in SHARED and not file.stem.startswith("cli")
    }
    total = sum(own.values())
    sys.stdout.write(f"embedded engine: {total} lines of code in {len(own)} files\n")
    assert total <= LARGEST, own
