"""Where in a TOML document each key stands."""

import tomllib
from collections.abc import Iterator, Mapping

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]


def line_numbers(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table, key and array element, by its path.

    Tables that only appear as part of a longer header have the line of that header.
    """
    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
    lines: dict[Path, int] = {}
    for path, line in _in_document(tree.root_node):
        for end in range(1, len(path) + 1):
            lines.setdefault(path[:end], line)
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of the path, or of the nearest thing around it; 1 when nothing is there."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


def _in_document(root: Node) -> Iterator[tuple[Path, int]]:
    elements: dict[Path, int] = {}
    for node in root.named_children:
        if node.type == "pair":
            yield from _in_pair(node, ())
        elif node.type in {"table", "table_array_element"}:
            header, *pairs = [c for c in node.named_children if c.type != "comment"]
            table = _key(header)
            if node.type == "table_array_element":
                elements[table] = elements.get(table, -1) + 1
                table = (*table, elements[table])
            yield table, _line(node)
            for pair in pairs:
                yield from _in_pair(pair, table)


def _in_pair(pair: Node, around: Path) -> Iterator[tuple[Path, int]]:
    key, *values = [child for child in pair.named_children if child.type != "comment"]
    path = (*around, *_key(key))
    yield path, _line(pair)
    for value in values:
        yield from _in_value(value, path)


def _in_value(value: Node, path: Path) -> Iterator[tuple[Path, int]]:
    inner = [child for child in value.named_children if child.type != "comment"]
    if value.type == "inline_table":
        for pair in inner:
            yield from _in_pair(pair, path)
    elif value.type == "array":
        for index, element in enumerate(inner):
            yield (*path, index), _line(element)
            yield from _in_value(element, (*path, index))


def _key(node: Node) -> Path:
    if node.type == "dotted_key":
        return tuple(part for child in node.named_children for part in _key(child))
    text = (node.text or b"").decode()
    # What a quoted key says is not how it is written: it may hold escapes.
    return (next(iter(tomllib.loads(f"{text} = 0"))) if node.type == "quoted_key" else text,)


def _line(node: Node) -> int:
    return node.start_point[0] + 1
