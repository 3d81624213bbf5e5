from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import ConfigInvalid, Problem

VALID = """\
[app]
name = "chirp"
domain = "www.chirp.test"
health = "https://www.chirp.test/healthz"

[vaults.main]
url = "s3://chirp-vault"
endpoint = "https://objects.example"

[sites.one]
cloud = "aws"
region = "us-east-1"
role = "primary"

[sites.two]
cloud = "hetzner"
region = "fsn1"

[servers.db]
cpus = 2
memory = "4GiB"
runs = ["postgres"]

[servers.app]
cpus = 2
memory = "512MiB"
count = 2
runs = ["web", "worker"]

[data.db]
kind = "postgres"

[dns]
zone = "chirp.test"
[dns.vendors.one]
class = "octodns_powerdns.PowerDnsProvider"
host = "192.0.2.1"
api_key = "env/POWERDNS_API_KEY"

[tls]
email = "ops@chirp.test"

[operators]
recipients = ["env/LIFERAFT_RECIPIENT"]
"""


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    return tmp_path


@pytest.fixture
def written(folder: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = folder / "liferaft.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def problems(written: Callable[[str], Path]) -> Callable[[str], tuple[Problem, ...]]:
    def find(text: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigInvalid) as caught:
            load(written(text))
        return caught.value.problems

    return find
