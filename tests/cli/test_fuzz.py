"""Nonsense on the command line: whatever it is, it is refused in words."""

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click
import pytest
from tests.cli.conftest import Ran
from tests.commands import leaves
from tests.share import amount, seed

from liferaft.failures import VendorFailure
from liferaft_cli import exits
from liferaft_cli.main import liferaft as group

if TYPE_CHECKING:
    import io

Liferaft = Callable[..., Ran]
AT_ONCE = 50
BATCHES = -(-amount(100) // AT_ONCE)
LEAVES = dict(leaves(group))
WORDS = (
    *("east", "north", "mars", "EAST", "main", "second", "deploy", "failover", "snapshot", "aws"),
    *("", " ", "\t", "-", "--", "---", "-1", "0", "7", "600", "1e999", "9" * 25, "9" * 5000),
    *("é", "ﬁ", "\u202eeast", "\U0001f6df", "east\n", "e\x1b[31mast", os.fsdecode(b"\xff\xfe")),
    *("%s", "{}", "{0.__class__}", "$(id)", "`id`", "'", '"', "\\", "*", "east north", "[/]"),
    *("..", "../..", "/", ".", "~", "/dev/null", "/dev/full", "/proc/self/mem", "loop", "nowhere"),
    *("liferaft.toml", "liferaft.toml/", "compose.yaml", "identity", "x" * 300, "/x" * 50_000),
    *("file:///", "s3://b", "https://[::1/", "00000001-20261122T140000000Z-aa", "00000001-x"),
)
EDGES = (
    "liferaft.moves.preview.preview",
    "liferaft.moves.refresh.refresh_state",
    "liferaft.moves.holdings.holdings",
    "liferaft.site.machine_images.delete_machine_images",
    "liferaft.moves.former.require_none",
    "liferaft.moves.session.execute",
    "liferaft_sandbox.sandboxes.bring_up",
    "liferaft_sandbox.sandboxes.find",
    "liferaft_sandbox.sandboxes.take_down",
)
"""Where a command that was understood leaves this process, for a cloud or a sandbox."""


def line(chance: random.Random) -> tuple[str, ...]:
    """One command line: near the right one, or far from it."""
    words, command = chance.choice(list(LEAVES.items()))
    told = list(words)
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            told += [_value(parameter, chance) for _ in range(chance.choice((1, 1, 1, 1, 0, 2)))]
        elif isinstance(parameter, click.Option) and chance.random() < 0.4:
            value = () if parameter.is_flag else (_value(parameter, chance),)
            told += [parameter.opts[-1], *value]
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        told.insert(chance.randrange(len(told) + 1), chance.choice(WORDS))
    if chance.random() < 0.1:
        chance.shuffle(told)
    return tuple(told)


def _value(parameter: click.Parameter, chance: random.Random) -> str:
    if chance.random() < 0.5:
        if isinstance(parameter.type, click.Choice):
            return str(chance.choice(parameter.type.choices))
        usual = "liferaft.toml" if parameter.name == "config_path" else "east"
        return usual if chance.random() < 0.8 else "north"
    return chance.choice(WORDS)


def lines(chosen: int) -> Iterator[tuple[str, ...]]:
    chance = random.Random(chosen)
    for _ in range(AT_ONCE):
        yield line(chance)


@pytest.fixture
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any, **__: Any) -> NoReturn:
        raise VendorFailure("a vendor was asked", safe="s", do="d")

    for edge in EDGES:
        monkeypatch.setattr(edge, asked)


@pytest.mark.usefixtures("nobody_else", "east_reigns")
@pytest.mark.parametrize("chosen", [seed() * 100 + batch for batch in range(BATCHES)])
def test_no_command_line_is_answered_by_a_defect(
    liferaft: Liferaft, folder: Path, chosen: int, record_property: Callable[[str, object], None]
) -> None:
    (folder / "loop").symlink_to("loop")
    chance = random.Random(chosen)
    for stream in (sys.stdout, sys.stderr):  # as the command sets its own
        cast("io.TextIOWrapper", stream).reconfigure(errors="backslashreplace")
    for words in lines(chosen):
        ran = liferaft(*words, typed=chance.choice(("", "y\n", "n\n", "east\n")))
        told = f"{words!r:.300}: {ran.code}\n{ran.err[-1000:]}"
        assert ran.code in exits.MEANINGS.keys() - {exits.BUG, exits.INTERRUPTED}, told
        assert "Traceback" not in ran.out + ran.err, told
        assert ran.code == 0 or ran.err or "--help" in words, told
        if ran.code == 0 and "--json" in words and "--help" not in words and ran.out:
            json.loads(ran.out)
    record_property("command lines", AT_ONCE)
