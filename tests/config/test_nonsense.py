"""What could not work on the night that it matters is told when the file is read."""

import string
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_credentials import RECIPIENT
from tests.config.test_machines import MACHINES, SITE
from tests.loading import load

from liferaft.config import Problem
from liferaft.edge.caddyfile import Edge, health_path
from liferaft.failures import BadInput

Find = Callable[[str], tuple[Problem, ...]]
Written = Callable[[str], Path]
HEALTH = "https://www.chirp.test/healthz"
GOOGLE = 'cloud = "gcp"\nregion = "europe-west3"'
ENDPOINT = 'endpoint = "https://objects.example"'


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    "name",
    [
        *("postgres", "template0", "template1", "public", "none"),
        *("all", "replication", "sameuser", "samerole", "samegroup"),
    ],
)
def test_an_app_whose_name_means_something_to_postgresql_is_refused_by_name(
    valid: str, problems: Find, name: str
) -> None:
    (problem,) = problems(replaced(valid, 'name = "chirp"', f'name = "{name}"'))
    assert problem.key == "app.name"
    assert problem.reason == f"{name} has a meaning of its own in PostgreSQL"


def test_names_that_only_look_like_postgresqls_are_an_apps(valid: str, written: Written) -> None:
    for name in ("postgres-app", "liferaft", "user", "root", "publicity"):
        load(written(replaced(valid, 'name = "chirp"', f'name = "{name}"')))


@pytest.mark.parametrize(
    ("app", "data", "reason"),
    [
        ("a" * 31, "b" * 31, "67 characters, of which stores take 63"),
        ("xn--chirp", "media", "aws keeps xn-- for itself"),
        ("chirp", "x--x-s3", "aws keeps --x-s3 for itself"),
    ],
)
def test_a_bucket_whose_name_no_store_takes_is_told_with_its_name(
    valid: str, problems: Find, app: str, data: str, reason: str
) -> None:
    text = replaced(valid, 'name = "chirp"', f'name = "{app}"')
    found = problems(f'{text}[data.{data}]\nkind = "bucket"\n')
    assert {problem.key for problem in found} == {f"data.{data}"}
    assert any(f"{app}-one-{data}: {reason}" in problem.reason for problem in found)


def test_a_bucket_at_google_is_not_called_like_google(valid: str, problems: Find) -> None:
    text = replaced(valid, 'cloud = "hetzner"\nregion = "fsn1"', GOOGLE)
    text = replaced(text, 'name = "chirp"', 'name = "goog-app"')
    (problem,) = problems(f'{text}[data.media]\nkind = "bucket"\n')
    assert "bucket of site two would be called goog-app-two-media: gcp keeps goog" in problem.reason


def test_more_groups_than_a_site_has_addresses_for_are_told(valid: str, problems: Find) -> None:
    group = '[servers.g{}]\ncpus = 1\nmemory = "1GiB"\nruns = ["web"]\n'
    text = valid + "".join(group.format(number) for number in range(14))
    (problem,) = problems(text)
    assert problem.key == "servers.g13"
    assert "at most 15 groups" in problem.reason
    assert problem.line == text[: text.index("[servers.g13]")].count("\n") + 1


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        ("https://www.chirp.test/hälth", "'\\xe4' cannot stand in it"),
        ("https://www.chirp.test/health?x={y}", "'{', '}' cannot stand in it"),
        ("https://www.chirp.test/a#b", "'#' cannot stand in it"),
        ("https://www.chirp.test:8443/healthz", "port 8443: users and checks come in at 443 alone"),
        ("https://www.chirp.test:99999/healthz", "its port is none from 1 to 65535"),
        ("https://www.chirp.test:0/healthz", "its port is none from 1 to 65535"),
        ("https://www.chirp.test:x/healthz", "its port is none from 1 to 65535"),
        ("https://www.chirp.test:/healthz", "it has no port behind the colon"),
        ("https://user:hunter2@www.chirp.test/h", "it names a user or a password"),
        ("https://www.chirp.test", "it is no https URL with a path"),
        ("http://www.chirp.test/", "it is no https URL with a path"),
        ("https:///healthz", "it has no host name"),
        ("https://[::1/", "cannot stand in it"),
        ("", "nothing cannot stand in it"),
    ],
)
def test_a_health_url_that_could_never_be_well_is_refused(
    valid: str, problems: Find, health: str, reason: str
) -> None:
    found = problems(replaced(valid, HEALTH, health))
    assert [problem.key for problem in found] == ["app.health"]
    assert reason in found[0].reason
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "health", [f"{HEALTH}?a=b&c=%C3%A4", "https://www.chirp.test:443/up", "https://WWW.chirp.test/"]
)
def test_a_health_url_that_works_is_accepted(valid: str, written: Written, health: str) -> None:
    load(written(replaced(valid, HEALTH, health)))


@pytest.mark.parametrize("place", ["health", "email", "acme_directory"])
def test_what_the_file_may_say_can_stand_on_the_server(
    valid: str, written: Written, place: str
) -> None:
    accepted = 0
    for mark in string.printable + "äß☃\x1b":
        written_as = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}.get(mark, mark)
        old, new = {
            "health": (HEALTH, f"{HEALTH}{written_as}"),
            "email": ("ops@chirp.test", f"o{written_as}ps@chirp.test"),
            "acme_directory": (
                "[tls]\n",
                f'[tls]\nacme_directory = "https://ca.test/d{written_as}"\n',
            ),
        }[place]
        try:
            config = load(written(replaced(valid, old, new)))
        except BadInput:
            continue
        accepted += 1
        path = health_path(config.app.health)
        Edge(config.app.domain, config.tls.email, config.tls.acme_directory, health_path=path)
    assert accepted > len(string.ascii_letters)


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("http://objects.example", "would not be encrypted on its way"),
        ("https://user:hunter2@objects.example", "it names a user or a password"),
        ("https://objects.example/path", "it has more than a host and a port"),
        ("https://objects.example/", "it has more than a host and a port"),
        ("https://objects.example?x", "it has more than a host and a port"),
        ("https://objects.example:99999", "its port is none from 1 to 65535"),
        ("https://[::1", "Invalid IPv6 URL"),
        ("https://[::1]", "it has no host name"),
        ("https://", "it has no host name"),
        ("https://192.0.2.1:9000", "needs a host name to check a certificate"),
        ("ftp://objects.example", "neither https nor http"),
        ("https://obj\\nects.example", "it holds a blank, a line's end"),
        ("https://objects\\t.example", "it holds a blank, a line's end"),
        ("https://objects.example\\n", "it holds a blank, a line's end"),
        ("https://\u00f6bjects.example", "letters that no URL has"),
    ],
)
def test_an_endpoint_of_a_vault_that_servers_could_not_use_is_refused(
    valid: str, problems: Find, endpoint: str, reason: str
) -> None:
    found = problems(replaced(valid, ENDPOINT, f'endpoint = "{endpoint}"'))
    assert [problem.key for problem in found] == ["vaults.main.endpoint"]
    assert reason in found[0].reason
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("cloud", "region", "accepted"),
    [
        *(("aws", name, True) for name in ("us-east-1", "us-gov-west-1", "ap-southeast-7")),
        *(("gcp", name, True) for name in ("europe-west3", "northamerica-northeast1")),
        *(("hetzner", name, True) for name in ("fsn1", "ash")),
        *(("aws", name, False) for name in ("us-east-1a", "moon", "eu_central_1", "fsn1")),
        *(("gcp", name, False) for name in ("europe-west3-a", "us-east-1", "moon")),
    ],
)
def test_a_region_that_a_cloud_could_not_have_is_told_when_the_file_is_read(
    valid: str, written: Written, problems: Find, cloud: str, region: str, accepted: bool
) -> None:
    old = 'cloud = "aws"\nregion = "us-east-1"'
    text = replaced(valid, old, f'cloud = "{cloud}"\nregion = "{region}"')
    if accepted:
        load(written(text))
        return
    (problem,) = problems(text)
    assert problem.key == "sites.one.region"
    assert f"'{region}' is called like no region of {cloud}" in problem.reason


def test_objects_of_machines_travel_encrypted(valid: str, problems: Find) -> None:
    text = replaced(valid + SITE + MACHINES, "https://s3.colo", "http://s3.colo")
    (problem,) = problems(text)
    assert problem.key == "sites.colo.objects.endpoint"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("s3://chirp-vault", "https://objects.example"),
        ("s3://chirp-vault", "https://objects.example:443"),
        ("s3://chirp-vault", "https://OBJECTS.example"),
    ],
)
def test_two_vaults_at_one_place_are_refused(
    valid: str, problems: Find, url: str, endpoint: str
) -> None:
    again = f'[vaults.again]\nurl = "{url}"\nendpoint = "{endpoint}"\n'
    (problem,) = problems(valid + again)
    assert problem.key == "vaults.again.url"
    assert problem.reason == "vault main is the same place: a copy there is none"


def test_two_vaults_of_one_name_at_two_vendors_are_two(valid: str, written: Written) -> None:
    again = '[vaults.again]\nurl = "s3://chirp-vault"\nendpoint = "https://other.example"\n'
    load(written(valid + again))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('region = "us-east-1"', 'region = "us\\u001beast"', "sites.one.region"),
        ('region = "us-east-1"', 'region = "us-east-1\\n"', "sites.one.region"),
        (ENDPOINT, f'{ENDPOINT}\nregion = "a\\nb"', "vaults.main.region"),
        (ENDPOINT, f'{ENDPOINT}\nregion = "a b"', "vaults.main.region"),
        ("s3://chirp-vault", "s3://..//", "vaults.main.url"),
        ("s3://chirp-vault", "s3://a..b", "vaults.main.url"),
        ('runs = ["web", "worker"]', 'runs = ["web", "wor\\tker"]', "servers.app.runs.1"),
        ('memory = "4GiB"', 'memory = "99999999999TiB"', "servers.db.memory"),
        ('memory = "4GiB"', 'memory = "4GiB"\ndisk = "19GiB"', "servers.db.disk"),
        ('memory = "4GiB"', 'memory = "4GiB"\ndisk = "20.5GiB"', "servers.db.disk"),
        ("env/LIFERAFT_RECIPIENT", f"{RECIPIENT[:-1]}q", "operators.recipients.0"),
        ("env/LIFERAFT_RECIPIENT", "env/LIFERAFT_RECIPIENT\\n", "operators.recipients.0"),
    ],
)
def test_a_value_that_a_file_on_a_server_could_not_hold_is_refused(
    valid: str, problems: Find, old: str, new: str, key: str
) -> None:
    assert [problem.key for problem in problems(replaced(valid, old, new))] == [key]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("0.0.0.0", "means any address"),  # noqa: S104 - refused
        ("127.0.0.1", "is every machine's own"),
        ("224.0.0.1", "is a multicast address"),
        ("169.254.1.1", "is valid on one cable only"),
        ("255.255.255.255", "is no machine's"),
        ("a" * 1000, "is no IPv4 address"),
    ],
)
def test_an_address_that_is_no_machines_is_refused(
    valid: str, problems: Find, address: str, reason: str
) -> None:
    for key, there in (("address", "198.51.100.1"), ("private_address", "10.40.0.1")):
        found = problems(replaced(valid + SITE + MACHINES, f'"{there}"', f'"{address}"'))
        (problem,) = found
        assert problem.key == f"sites.colo.machines.m1.{key}"
        assert reason in problem.reason
        assert len(str(problem)) < 400
