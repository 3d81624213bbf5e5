"""Configurations that somebody got wrong: those of two applications, mutated by seed."""

import os
import random
import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml
from tests.hosts import packed
from tests.loading import load
from tests.moves import whole
from tests.moves.mistakes import TOML, YAML, Language

from liferaft.compose import application
from liferaft.config import VaultConfig, VaultCredentials, resolve
from liferaft.failures import Failure
from liferaft.hosts.rendering import render
from liferaft.moves import deploy
from liferaft.moves.files import require_described
from liferaft.moves.inputs import DeployInputs
from liferaft.vault import open_vault
from liferaft_cli import exits
from liferaft_sandbox.vendors.certificates import Authority

SAMPLE = Path(__file__).parents[2] / "stacks/liferaft_stacks/microblog"
_EMPTY = VaultConfig(url="file:///nowhere")
"""No deploy's plan reads the vault for the files that the configuration names."""
_LONGEST_ANSWER = 60_000
"""Characters: whatever is quoted is cut, however many mistakes there are."""
_VARIABLES = dict.fromkeys(
    (
        *("LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID", "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY"),
        *("LIFERAFT_VAULT_DEPOT_ACCESS_KEY_ID", "LIFERAFT_VAULT_DEPOT_SECRET_ACCESS_KEY"),
        *("LIFERAFT_BUCKET_AWS_EAST_ACCESS_KEY_ID", "LIFERAFT_BUCKET_AWS_EAST_SECRET_ACCESS_KEY"),
        *("LIFERAFT_IDENTITY_FILE", "POWERDNS_API_KEY", "FOO"),
    ),
    "something",
) | {"LIFERAFT_RECIPIENT": "age16x3c2xp2kedlh2z7p65dxy9cye0dkg47s7kdn6xskkt8x3edk4nqtthntr"}
_FILES = ("liferaft.toml", "compose.yaml", "Pulumi.yaml")
_MUTATED = (
    *(("liferaft.toml",), ("liferaft.toml",), ("compose.yaml",), ("Pulumi.yaml",)),
    ("liferaft.toml", "compose.yaml"),
)
_MARKS = "\0\x01\x1b\x85\u2028\ufeff\ud7ff\U0001f600\"'[]{}=#\\\t\r.,"
_SORTS = ("folder", "dangling", "loop", "link", "empty device", "endless device", "pipe", "missing")


@cache
def _sources() -> tuple[dict[str, str], ...]:
    """The files of two applications: one as it is shipped, one that uses every key."""
    toml, *others = (
        (SAMPLE / name).read_text() for name in ("liferaft.toml", "compose.yaml", "Pulumi.yaml")
    )
    shipped = toml.replace("../../../build/", "")
    return (
        dict(zip(_FILES, (shipped, *others), strict=True)),
        dict(zip(_FILES, (whole.TOML, whole.COMPOSE, others[-1]), strict=True)),
    )


@cache
def _authority() -> bytes:
    return Authority("mutants").root()


@cache
def _image() -> bytes:
    return packed.image("localhost/chirp:latest")


def lay_out(folder: Path, seed: str) -> Path:
    """Write one mutated configuration into an empty folder; its `liferaft.toml`."""
    luck = random.Random(seed)
    (folder / "__main__.py").write_text("")
    (folder / "ca.pem").write_bytes(_authority())
    (folder / "loop").symlink_to("loop")
    (folder / "chirp.oci.tar").write_bytes(_image())
    mutated = luck.choice(_MUTATED)
    for name, text in luck.choice(_sources()).items():
        path, language = folder / name, TOML if name.endswith(".toml") else YAML
        if name not in mutated:
            path.write_text(text)
        elif luck.randrange(60) == 0:
            _as_no_file(path, luck.choice(_SORTS), text)
        else:
            path.write_bytes(_encoded(_mutated(text, language, luck), luck))
    return folder / "liferaft.toml"


def asked(toml: Path) -> str:
    """What a plan would answer: `accepted`, or the kind of a failure that is told as one of the
    configuration should be. Whatever else happens goes through."""
    try:
        config = load(toml)
        vault = open_vault("main", _EMPTY, VaultCredentials(), prefix="mutant")
        require_described(config, vault, deploy.MOVE)
        variables = _VARIABLES | {"LIFERAFT_CA_FILE": str(toml.with_name("ca.pem"))}
        resolve(config, variables, site=config.primary)
        plan = deploy.plan(config, DeployInputs(site=config.primary, epoch=1, reigns=True))
        plan.digest()
        _same_on_a_server(application.described(config))
    except Failure as failure:
        _told(failure)
        return type(failure).__name__
    return "accepted"


def _told(failure: Failure) -> None:
    """Once, in words that a terminal can show, with what to do."""
    facts = failure.facts
    assert exits.code_of(failure) == exits.BAD_INPUT, facts.happened
    assert facts.happened
    assert facts.do, facts.happened
    assert len(facts.happened) < _LONGEST_ANSWER, facts.happened[:300]
    assert "Traceback" not in facts.happened
    facts.happened.encode()
    marks = {unicodedata.category(mark) for mark in facts.happened.replace("\n", "")}
    assert "Cc" not in marks, repr(facts.happened)


def _same_on_a_server(read: application.Compose) -> None:
    """What is accepted means the same once it is written for a server."""
    written = yaml.safe_load(render(read))["services"]
    for name, service in read.services.items():
        told = [word.replace("$", "$$") for word in service.command or ()]
        assert (written[name]["image"], written[name].get("command", [])) == (service.image, told)


def _mutated(text: str, language: Language, luck: random.Random) -> str:
    rows = text.split("\n")
    for _ in range(luck.choice([1, 1, 1, 1, 2, 3, 6])):
        rows = _changed(rows or [""], language, luck)
    return "\n".join(rows)


def _changed(rows: list[str], language: Language, luck: random.Random) -> list[str]:
    """The likeliest mistakes are another value and another key."""
    at = luck.randrange(len(rows))
    sort = luck.randrange(17)
    if sort <= 6:
        return _with_another_value(rows, language, luck)
    if sort <= 9:
        added = luck.choice(language.rows) if sort == 9 else _new_row(rows[at], language, luck)
        return [*rows[:at], added, *rows[at:]]
    if sort <= 12:
        return [*rows[:at], _misspelt(rows[at], sort, luck), *rows[at + 1 :]]
    other = luck.randrange(len(rows))
    return {
        13: [*rows[:at], *rows[at + 1 :]],
        14: [*rows[:at], rows[other], *rows[at:]],
        15: [*rows[:at], rows[other], *rows[at + 1 :]],
        16: rows[:at],
    }[sort]


def _with_another_value(rows: list[str], language: Language, luck: random.Random) -> list[str]:
    told = [n for n, row in enumerate(rows) if language.sign in row and "#" not in row[:1]]
    if not told:
        return rows
    at = luck.choice(told)
    key = rows[at].partition(language.sign)[0]
    changed = f"{key}{language.sign} {luck.choice(language.values)}"
    return [*rows[:at], changed, *rows[at + 1 :]]


def _new_row(beside: str, language: Language, luck: random.Random) -> str:
    margin = beside[: len(beside) - len(beside.lstrip())] if language is YAML else ""
    return f"{margin}{luck.choice(language.keys)}{language.sign} {luck.choice(language.values)}"


def _misspelt(row: str, sort: int, luck: random.Random) -> str:
    at = luck.randrange(len(row) + 1)
    return {
        10: row[:at] + luck.choice(_MARKS) + row[at:],
        11: row[:at] + row[at + 1 :],
        12: re.sub(r"^(\s*)\w(\w+)", r"\1\2", row),
    }[sort]


def _encoded(text: str, luck: random.Random) -> bytes:
    """Mostly as it is; else as some editor or a broken disk would leave it."""
    sort = luck.randrange(40)
    body = text.encode("utf-8", "surrogatepass")
    at = luck.randrange(len(body) + 1)
    ways = {
        0: text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"),
        1: b"\xef\xbb\xbf" + body,
        2: body[:at] + bytes([luck.choice([0xFF, 0xFE, 0xC0, 0x80, 0xED])]) + body[at:],
        3: text.encode("utf-16", "surrogatepass"),
        4: text.replace("\n", "\r").encode("utf-8", "surrogatepass"),
        5: b"",
        6: b"\0" * 100,
        7: text.replace("a", "\u00e4").encode("latin-1", "replace"),
    }
    return ways.get(sort, body)


def _as_no_file(path: Path, sort: str, text: str) -> None:
    targets = {
        "dangling": "/nonexistent/x",
        "loop": path.name,
        "empty device": "/dev/null",
        "endless device": "/dev/zero",
    }
    if sort == "folder":
        path.mkdir()
    elif sort in targets:
        path.symlink_to(targets[sort])
    elif sort == "pipe":
        os.mkfifo(path)
    elif sort == "link":
        real = path.with_name(f"real-{path.name}")
        real.write_text(text)
        path.symlink_to(real)
