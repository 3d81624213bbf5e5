from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import ConfigInvalid, Problem
from liferaft.config.values import LARGEST_PAGE
from liferaft.failures import BadInput

Find = Callable[[str], tuple[Problem, ...]]
Written = Callable[[str], Path]


def line(text: str, row: str) -> int:
    return text.split("\n").index(row) + 1


def test_a_valid_file_becomes_a_frozen_configuration(
    valid: str, written: Written, folder: Path
) -> None:
    config = load(written(valid))
    assert config.primary == "one"
    assert config.servers["app"].memory == 512 * 1024**2
    assert config.app.compose == (folder / "compose.yaml").resolve()
    assert config.app.project == folder.resolve()
    assert config.in_buckets == ()
    assert dict(config.dns.vendors["one"].options) == {
        "host": "192.0.2.1",
        "api_key": "env/POWERDNS_API_KEY",
    }
    with pytest.raises(ValueError, match="frozen"):
        config.app.name = "other"


def test_the_sample_is_valid() -> None:
    root = Path(__file__).parents[2]
    config = load(root / "stacks/liferaft_stacks/microblog/liferaft.toml")
    assert list(config.sites) == ["aws-east", "gcp", "hetzner", "colo"]
    assert config.app.images == (root / "build/chirp.oci.tar",)


def test_every_error_is_told_at_once_with_its_line(valid: str, problems: Find) -> None:
    text = (
        valid.replace('memory = "4GiB"', 'memory = "4 elephants"')
        .replace('cloud = "hetzner"', 'cloud = "hetsner"')
        .replace("count = 2", "cuont = 2")
        .replace('email = "ops@chirp.test"', "")
        .replace('zone = "chirp.test"', 'zone = "other.test"')
        .replace('role = "primary"', 'role = "standby"')
    )
    found = {problem.key: problem for problem in problems(text)}
    assert found["servers.db.memory"] == Problem(
        line(text, 'memory = "4 elephants"'),
        "servers.db.memory",
        "'4 elephants' is not valid here",
        'a size from "512MiB", such as "4GiB"',
    )
    assert found["sites.two.cloud"].valid.startswith("aws, gcp, hetzner, or ssh")
    assert found["sites.two.cloud"].line == line(text, 'cloud = "hetsner"')
    assert found["servers.app.cuont"].valid == "did you mean count?"
    assert found["tls.email"].reason == "missing"
    assert found["tls.email"].line == line(text, "[tls]")
    assert found["dns.zone"].reason == "the app's domain www.chirp.test is not in this zone"
    assert len(found) == 5, "the sites hold another error, so who is primary is not judged yet"


def test_broken_lines_do_not_hide_each_other_nor_the_rest(valid: str, problems: Find) -> None:
    text = valid.replace('"512MiB"', "512MiB").replace("[tls]", "[tls").replace('"aws"', '"azure"')
    found = problems(text)
    assert [problem.line for problem in found] == [
        line(text, 'cloud = "azure"'),
        line(text, "memory = 512MiB"),
        line(text, "[tls"),
    ]


def test_an_open_string_ends_the_reading_with_one_mistake(problems: Find) -> None:
    assert len(problems('[app]\nname = """chirp\n')) == 1


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        (('cloud = "hetzner"', 'cloud = "hetzner"\nrole = "primary"'), "sites.two.role", "already"),
        (('role = "primary"', ""), "sites", "no site is the primary"),
        (
            ('role = "primary"', 'role = "primary"\nsizes = {web = "big"}'),
            "sites.one.sizes.web",
            "no",
        ),
        (('kind = "postgres"', 'kind = "bucket"'), "servers.db.runs", "no data set"),
        (('runs = ["postgres"]', 'runs = ["x"]'), "data.db", "no server group runs the database"),
        (('runs = ["postgres"]', 'runs = ["postgres"]\ncount = 2'), "servers.db.count", "second"),
        (("cpus = 2", "cpus = true"), "servers.app.cpus", "not valid"),
        (("cpus = 2", 'cpus = "2"'), "servers.app.cpus", "not valid"),
        (('domain = "www.chirp.test"', 'domain = "-x-"'), "app.domain", "not valid"),
        (("https://www.chirp.test", "https://elsewhere.test"), "app.health", "not on the app's"),
        (("env/POWERDNS_API_KEY", "hunter2"), "dns.vendors.one.api_key", "holds a secret"),
        (("env/LIFERAFT_RECIPIENT", "age1nonsense"), "operators.recipients.0", "not valid"),
        (("s3://chirp-vault", "ftp://chirp-vault"), "vaults.main.url", "not valid"),
        (("[data.db]", "[data.Db]"), "data.Db", "name"),
        (("[operators]", "[operator]"), "operator", "unknown key"),
        (('name = "chirp"', 'name = "chirp"\ncompose = "no.yaml"'), "app.compose", "no file"),
    ],
)
def test_a_mistake_is_found_where_it_is(
    problems: Find, valid: str, change: tuple[str, str], key: str, reason: str
) -> None:
    assert change[0] in valid
    found = {problem.key: problem.reason for problem in problems(valid.replace(*change))}
    assert reason in found[key]


def test_the_operators_own_holding_page_is_looked_at_when_the_configuration_is_read(
    valid: str, written: Written, folder: Path, problems: Find
) -> None:
    text = valid.replace("[app]\n", '[app]\nholding_page = "page.html"\n')
    page = folder / "page.html"

    def wrong() -> str:
        (problem,) = problems(text)
        assert problem.key == "app.holding_page"
        assert "UTF-8" in problem.valid
        return problem.reason

    assert "no file" in wrong()
    page.write_bytes(b"\xef\xbb\xbf<p>Z\xc3\xbcrich")
    assert load(written(text)).app.holding_page == page.resolve()
    page.write_bytes(b"<p>Z\xfcrich")
    assert "not UTF-8: byte 4" in wrong()
    page.write_bytes(b" \n")
    assert "is empty" in wrong()
    page.write_bytes(b"x" * (LARGEST_PAGE + 1))
    assert "larger than 1024 KiB" in wrong()


def test_a_secret_written_into_the_file_is_not_repeated(valid: str, problems: Find) -> None:
    assert "hunter2" not in str(problems(valid.replace("env/POWERDNS_API_KEY", "hunter2")))


def test_the_message_lists_every_problem(valid: str, written: Written) -> None:
    with pytest.raises(ConfigInvalid, match=r"(?s)has 2 problems:\n  line 1: .*\n  line 16: "):
        load(written(valid.replace("[app]", "app]").replace('"hetzner"', '"x"')))


def test_an_absent_file_is_said_to_be_absent(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no configuration"):
        load(tmp_path / "liferaft.toml")
