"""Configurations that somebody got wrong: those of two applications, mutated by seed."""

import os
import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from tests.hosts import packed
from tests.loading import load
from tests.moves import whole

from liferaft.config import VaultConfig, VaultCredentials, resolve
from liferaft.failures import Failure
from liferaft.hosts import compose
from liferaft.moves import deploy
from liferaft.moves.files import require_described
from liferaft.moves.inputs import DeployInputs
from liferaft.vault import open_vault
from liferaft_cli import exits
from liferaft_sandbox.vendors.certificates import Authority

SAMPLE = Path(__file__).parents[2] / "stacks/liferaft_stacks/microblog"
_EMPTY = VaultConfig(url="file:///nowhere")
"""No deploy's plan reads the vault for the files that the configuration names."""
_LONG = "a" * 100_000
_LONGEST_ANSWER = 60_000
"""Characters: whatever is quoted is cut, however many mistakes there are."""
_VARIABLES = dict.fromkeys(
    (
        *("LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID", "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY"),
        *("LIFERAFT_BUCKET_AWS_EAST_ACCESS_KEY_ID", "LIFERAFT_BUCKET_AWS_EAST_SECRET_ACCESS_KEY"),
        *("LIFERAFT_IDENTITY_FILE", "POWERDNS_API_KEY", "FOO"),
    ),
    "something",
) | {"LIFERAFT_RECIPIENT": "age16x3c2xp2kedlh2z7p65dxy9cye0dkg47s7kdn6xskkt8x3edk4nqtthntr"}
_TOML_VALUES = (
    *('""', '"x"', "-1", "0", "1e400", "nan", "inf", "-inf", "9" * 25, "9" * 5000, "+5", "1_000"),
    *("0x" + "f" * 5000, "0o17", "0b1", "1.", ".5", "4.5", "true", "[]", "{}", "[[[[]]]]", "[nan]"),
    *("{a={b={c=1}}}", "1979-05-27", "1979-05-27T07:32:00Z", "25:61:61", '"\\u0000"', '"\\u202e"'),
    *('"\\ud800"', "'''\n\n'''", f'"{_LONG}"', '"env/"', '"env/FOO"', '"env/foo"', '"env/FOO\\n"'),
    *('"../../../../etc/passwd"', '"/dev/zero"', '"/"', '"loop"', '"s3://"', '"s3://..//"'),
    *('"https://"', '"https://[::1"', '"https://[::1/"', '"https://chirp.test:99999/healthz"'),
    *('"https://u:p@chirp.test/healthz"', '"https://chirp.test/h\u00e4lth"', '"\x7f"', '"\x01"'),
    *('"line\\nbreak"', '"4GiB\\n"', '"-4GiB"', '"1e9GiB"', '"99999999999999TiB"', '"NaN GiB"'),
    *('"chirp.test."', '"CHIRP.TEST"', '"xn--80ak6aa92e.com"', '"chirp.t\u00e9st"', '"0.0.0.0"'),
    *('["postgres", "postgres"]', '["web", "web", "nope"]', "[1, 2]", '[""]', "[{}]", '"%s"'),
    *('"{0}"', '"$(id)"', '"`id`"', '"[red]x"', '"\\u001b[31mred"', '"postgres"', '"224.0.0.1"'),
)
_TOML_KEYS = (
    *("name", '"na me"', '""', '"\\u0000"', "a.b.c", "class", "kind", '"\U0001f4a9"', '"[x]"'),
    *("X" * 500, "-1", "1", '"\u00e9"', "'quoted'", "machines.colo-1.cpus", "url", "endpoint"),
    *("a" + ".b" * 3000, "objects.extra", '"a\\u001bb"'),
)
_TOML_ROWS = (
    *(
        "[app]",
        "[[app]]",
        "[sites.x]",
        '[sites."a b"]',
        '[sites.""]',
        "[vaults]",
        "[",
        "[[",
        "[a.b",
    ),
    *("[dns.vendors.powerdns.x]", '["x\\u0000"]', "[servers.db.x]", "[sites.aws-east.sizes]", "[]"),
    *(
        "[sites.colo]",
        f"[servers.{'z' * 200}]",
        "[data.db2]",
        "[ . ]",
        "[sites.hetzner.machines.m]",
    ),
    *("x = " + "[" * 5000, "x = " + "[" * 3000 + "]" * 3000, "x" + ".x" * 3000 + " = 1"),
    *("no TOML\n" * 3000, "no TOML\n" * 90_000, "# " + _LONG * 3, "x = [" + "1," * 50_000 + "]"),
    *("\n".join(f"k{n} = 1" for n in range(9000)), "images = [" + '"x",' * 40_000 + "]"),
    "\n".join(f"[data.d{n}]\nkind = 'bucket'" for n in range(3000)),
)
_YAML_VALUES = (
    *("", "~", "null", "[]", "{}", "-1", "1.5", ".nan", ".inf", "!!int abc", "!!float x"),
    *("!!bool maybe", "!!timestamp foo", '!!binary "@@"', "!!python/object/apply:os.system [id]"),
    *("!!set {a}", "!!omap [a: 1]", "!!map []", "!!seq {}", "!!str {}", "&a [*a]", "&a {x: *a}"),
    *("*nope", "? [a]\n      : b", "{? [1]: 2}", "{{}: 1}", '"\\ud800"', '"\\x00"', f'"{_LONG}"'),
    *("[" * 400 + "]" * 400, "[" * 2000 + "]" * 2000, "{a: " * 300 + "1" + "}" * 300, "<<: 5"),
    *("{<<: 5}", "{<<: [1]}", "{a: 1, a: 2}", '["127.0.0.1:99999:8080"]', '["::1:80:80"]'),
    *('["0:0:0"]', '["\u0663\u0663:\u0663\u0663"]', '["256.1.1.1:80:80"]', '["1.:80:80"]', "[80]"),
    *("[8080:8080]", '"0s"', '"5m1s"', '"99999999999999999999s"', "\u0663s", "localhost/chirp"),
    *("localhost/chirp:latest@sha256:zz", '"localhost/chirp:latest "', "../x:y", '"a:${HOME}"'),
    *("$$", '"\u202e"', "|\n  block", ">-\n  x", "2001-01-01", "0x1F", "1:30", "yes", "on"),
    *('"user:group:x"', "-root", "/", '"/a/../.."', '["../x:/y"]', '["data:/x"]', '["/:/"]'),
    *("[web]", "[nope]", '[["a"]]', "{A: {B: C}}", '["A"]', '["=x"]', '["A=x", "A=y"]', "{1A: x}"),
    *("!<x> y", "%YAML 3", "--- x", "...", "\t", "@x", "`x`", "echo it's"),
)
_YAML_KEYS = (
    *("image", "command", "environment", "ports", "volumes", "depends_on", "init", "user", "x"),
    *("working_dir", "stop_grace_period", '""', "<<", "? a", "env_file", '"\\0"'),
)
_YAML_ROWS = (
    *(
        "services:",
        "volumes:",
        "  web:",
        '  "":',
        "  ? [a]",
        "x: y",
        "- a",
        "---",
        "...",
        "%TAG ! x",
    ),
    *('  web2: {image: "a:b"}', "  web2: 5", "  web2:", "volumes: {data: }", "volumes: [a]"),
    *("volumes: {data: {driver: x}}", "? {a: b}", "# " + _LONG * 3, "x: y\n" * 2000),
    *("\n".join(f"  s{n}: {{image: 'a:1'}}" for n in range(2000)), "no YAML\n" * 90_000),
    "\n".join(f"  s{n}: {{image: 'a:1', depends_on: [s{(n + 1) % 900}]}}" for n in range(900)),
    "    ports: [" + ", ".join(f"'{n}:80'" for n in range(3000, 6000)) + "]",
    "\n".join(f"b{n}: &b{n} [" + f"*b{n - 1}, " * 9 * (n > 0) + "]" for n in range(20)),
)
_FILES = ("liferaft.toml", "compose.yaml", "Pulumi.yaml")
_MUTATED = (
    *(("liferaft.toml",), ("liferaft.toml",), ("compose.yaml",), ("Pulumi.yaml",)),
    ("liferaft.toml", "compose.yaml"),
)
_MARKS = "\0\x01\x1b\x85\u2028\ufeff\ud7ff\U0001f600\"'[]{}=#\\\t\r.,"
_SORTS = ("folder", "dangling", "loop", "link", "empty device", "endless device", "pipe", "missing")


@dataclass(frozen=True)
class Language:
    """What a file is written in, and what people get wrong in it."""

    sign: str
    values: Sequence[str]
    keys: Sequence[str]
    rows: Sequence[str]


TOML = Language("=", _TOML_VALUES, _TOML_KEYS, _TOML_ROWS)
YAML = Language(":", _YAML_VALUES, _YAML_KEYS, _YAML_ROWS)


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
        _same_on_a_server(compose.read(config.app.compose))
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


def _same_on_a_server(read: compose.Compose) -> None:
    """What is accepted means the same once it is written for a server."""
    written = yaml.safe_load(compose.render(read))["services"]
    for name, service in read.services.items():
        command = service.command
        told = list(command) if isinstance(command, tuple) else command
        assert (written[name]["image"], written[name].get("command")) == (service.image, told)


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
