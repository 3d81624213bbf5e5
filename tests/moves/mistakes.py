"""What people get wrong in TOML and in YAML."""

from collections.abc import Sequence
from dataclasses import dataclass

_LONG = "a" * 100_000

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


@dataclass(frozen=True)
class Language:
    """What a file is written in, and what people get wrong in it."""

    sign: str
    values: Sequence[str]
    keys: Sequence[str]
    rows: Sequence[str]


TOML = Language("=", _TOML_VALUES, _TOML_KEYS, _TOML_ROWS)

YAML = Language(":", _YAML_VALUES, _YAML_KEYS, _YAML_ROWS)
