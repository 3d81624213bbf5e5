"""The embedded engine is a lifeboat for the engine, not a second engine: it stays small."""

import ast
import io
import sys
import tokenize
from pathlib import Path

from liferaft.provision.engine import embedded

FOLDER = Path(embedded.__file__).parent
LARGEST = 2055
"""Without `engine/state/`, which serves the Pulumi CLI just as well."""
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
        str(file.relative_to(FOLDER)): lines_of_code(file.read_text())
        for file in FOLDER.rglob("*.py")
    }
    total = sum(own.values())
    sys.stdout.write(f"embedded engine: {total} lines of code in {len(own)} files\n")
    assert total <= LARGEST, own
