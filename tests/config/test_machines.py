"""Sites on machines that somebody else provides."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.clouds.registry import CLOUDS
from liferaft.config import Problem, VariablesMissing, resolve
from liferaft.config.sites import SiteConfig

from .test_credentials import ENVIRON

Find = Callable[[str], tuple[Problem, ...]]
Written = Callable[[str], Path]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUYx"
ROWS = """\
address = "198.51.100.{n}"
private_address = "10.40.0.{n}"
host_key = "{key}"
cpus = 4
memory = "8GiB"
disk = "40GiB"
"""
SITE = """\
[sites.colo]
cloud = "ssh"
region = "colo"
login = "root"
objects = {endpoint = "https://s3.colo.test:8443"}
"""


def machine(name: str, n: int, key: str = KEY) -> str:
    return f"[sites.colo.machines.{name}]\n" + ROWS.format(n=n, key=key)


MACHINES = machine("m1", 1) + machine("m2", 2) + machine("m3", 3, key="env/M3_HOST_KEY")


@pytest.fixture
def with_machines(valid: str) -> str:
    return valid + SITE + MACHINES


def found(problems: tuple[Problem, ...]) -> dict[str, str]:
    return {problem.key: problem.reason for problem in problems}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_of_the_registry_is_one_of_the_configuration(cloud: str) -> None:
    assert SiteConfig(cloud=cloud, region="here").cloud == cloud
    described = SiteConfig.model_fields["cloud"].description
    assert described is not None
    assert cloud in described


def test_machines_are_read_with_their_sizes(with_machines: str, written: Written) -> None:
    site = load(written(with_machines)).sites["colo"]
    assert site.machines["m2"].disk == 40 * 1024**3
    assert (site.machines["m2"].port, site.machines["m2"].architecture) == (22, "x86_64")


def test_a_host_key_may_be_named_and_is_asked_for_at_its_site_only(
    with_machines: str, written: Written
) -> None:
    config = load(written(with_machines))
    assert resolve(config, ENVIRON, site="two").host_keys["colo"]["m3"] == ""
    with pytest.raises(VariablesMissing) as caught:
        resolve(config, ENVIRON, site="colo")
    assert caught.value.names == ("M3_HOST_KEY",)
    keys = resolve(config, {**ENVIRON, "M3_HOST_KEY": "ssh-ed25519 BBBB"}, site="colo").host_keys
    assert keys["colo"] == {"m1": KEY, "m2": KEY, "m3": "ssh-ed25519 BBBB"}


def test_machines_are_missing_where_they_are_the_cloud(valid: str, problems: Find) -> None:
    said = found(problems(valid + SITE))
    assert said == {
        "sites.colo.machines": 'missing: cloud = "ssh" has the machines that are declared'
    }


def test_machines_are_refused_where_a_cloud_has_its_own(with_machines: str, problems: Find) -> None:
    said = found(problems(with_machines.replace('"ssh"', '"hetzner"')))
    assert set(said) == {f"sites.colo.{key}" for key in ("machines", "login", "objects")}
    assert said["sites.colo.login"] == 'only a site with cloud = "ssh" has login'


def test_a_bucket_needs_a_declared_store(with_machines: str, problems: Find) -> None:
    text = with_machines.replace('objects = {endpoint = "https://s3.colo.test:8443"}\n', "")
    said = found(problems(text + '[data.media]\nkind = "bucket"\n'))
    assert set(said) == {"sites.colo.objects"}


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        (("198.51.100.2", "198.51.100.1"), "machines.m2.address", "m1 has 198.51.100.1 already"),
        (("10.40.0.2", "10.40.0.1"), "machines.m2.private_address", "m1 has 10.40.0.1 already"),
        (("10.40.0.2", "8.8.8.8"), "machines.m2.private_address", "it is a public address"),
        (("198.51.100.2", "198.51.100.299"), "machines.m2.address", "299"),
        (('login = "root"', 'login = "liferaft"'), "login", "made and removed by liferaft"),
        (('login = "root"', 'sizes = {db = "m9"}'), "sizes.db", "there is no machine m9"),
        (("cpus = 4", "cpus = 1"), "machines", "group db needs 1 with 2 CPUs and 4.0GiB"),
        ((machine("m2", 2), ""), "machines", "3 servers need as many machines, here are 2"),
        ((f'"{KEY}"', '"AAAA"'), "machines.m1.host_key", "not valid here"),
    ],
)
def test_a_mistake_about_machines_is_found_where_it_is(
    with_machines: str, problems: Find, change: tuple[str, str], key: str, reason: str
) -> None:
    assert change[0] in with_machines
    text = with_machines.replace(*change)
    said = [problem for problem in problems(text) if problem.key == f"sites.colo.{key}"]
    assert any(reason in problem.reason for problem in said)
    assert all(problem.line > text[: text.index("[sites.colo]")].count("\n") for problem in said)
