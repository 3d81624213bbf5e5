"""Names say what things are: acts are imperative verbs, questions ask, a word has one meaning."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = [ROOT / "infra" / "liferaft", ROOT / "cli" / "liferaft_cli"]
OURS = [*PRODUCT, ROOT / "infra" / "liferaft_sandbox"]

FOR_PROGRAMS = {"infra/liferaft/provision/resources.py", "infra/liferaft/provision/site.py"}
"""What Pulumi programs import is a vocabulary of its own: `Site` and `Rule` are Pulumi's there."""

AS_JOURNALS_SAY = "reigns"
"""The one field that is called as the journals of earlier versions call it."""

QUESTION = re.compile(r"are|can|may|[a-z]+s")
"""A question begins so (is, has, needs, matches: the third person): `if` reads well before it."""

ACT = re.compile(
    r"append|ask|advance|claim|configure|create|install|keep|make|operate|prepare|put|race|read"
    r"|release|require|settle|spend|start|take|wait|write"
)
"""An act begins so where it tells by a bool what came of it, mostly whether anything changed."""

PYTHONS_OWN = {"readable", "writable"}
"""The contract of files."""

PARTICIPLE = re.compile(r"([a-z]+(ed|ing)|kept|taken|made|begun|held|told|sent|built|written)")
IMPERATIVE = re.compile(r"bring|feed|heed|need|seed")
"""Verbs that only look like participles."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _modules(roots: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            yield str(path.relative_to(ROOT)), _tree(path)


def _functions(*, returning: str) -> Iterator[tuple[str, str]]:
    """Name and place of each function with this annotation, but for Python's own names."""
    for path, tree in _modules(OURS):
        for node in ast.walk(tree):
            if isinstance(node, Function) and node.returns is not None:
                own = node.name not in PYTHONS_OWN and not node.name.startswith("__")
                if own and ast.unparse(node.returns) == returning:
                    yield node.name, f"{path}:{node.lineno} {node.name}"


def _first_word(name: str) -> str:
    return name.strip("_").split("_")[0]


def _is_named_by_its_end(name: str) -> bool:
    word = _first_word(name)
    return bool(PARTICIPLE.fullmatch(word)) and not IMPERATIVE.fullmatch(word)


def test_the_name_of_a_class_is_given_once() -> None:
    places = defaultdict(list)
    for path, tree in _modules(PRODUCT):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and path not in FOR_PROGRAMS:
                places[node.name].append(path)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_the_number_is_called_epoch_and_nothing_else() -> None:
    found = set()
    for path, tree in _modules(PRODUCT):
        for node in ast.walk(tree):
            names = (getattr(node, part, None) for part in ("id", "arg", "attr", "name"))
            found |= {(path, name) for name in names if isinstance(name, str)}
    reigns = {one for one in found if re.search("(?<!fo)reign", one[1], re.IGNORECASE)}
    assert {one for one in reigns if one[1] != AS_JOURNALS_SAY} == set()


def test_what_answers_by_a_bool_is_named_as_a_question_or_as_an_act() -> None:
    unclear = [
        where
        for name, where in _functions(returning="bool")
        if not QUESTION.fullmatch(_first_word(name)) and not ACT.fullmatch(_first_word(name))
    ]
    assert unclear == []


def test_what_only_acts_is_named_by_what_it_does_and_not_by_what_was_done() -> None:
    acts = _functions(returning="None")
    assert [where for name, where in acts if _is_named_by_its_end(name)] == []


@pytest.mark.parametrize("name", ["deleted", "_settled", "reigning", "made_whole", "kept"])
def test_a_participle_is_recognised(name: str) -> None:
    assert _is_named_by_its_end(name)


@pytest.mark.parametrize("name", ["delete", "bring_up", "_heed_interrupts", "wait_until_settled"])
def test_an_imperative_is_no_participle(name: str) -> None:
    assert not _is_named_by_its_end(name)
