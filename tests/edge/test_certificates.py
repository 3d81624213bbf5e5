"""Whether Caddy will have to order a certificate is seen before it runs."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.models.host import HostModel
from tests.models.line import Line
from tests.models.machine import Machine
from tests.models.programs.edge import certificate

from liferaft.edge.caddyfile import Edge
from liferaft.edge.certificates import certificate_path, has_certificate, has_valid_certificate

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
EDGE = Edge("chirp.test", "ops@chirp.test", LETS_ENCRYPT)
NOW = datetime.now(UTC)


@pytest.fixture
def machine() -> Machine:
    return Machine("192.0.2.7", {})


def keep(machine: Machine, content: bytes, edge: Edge = EDGE) -> HostModel:
    path = certificate_path(edge)
    machine.files.make_folder(path.rpartition("/")[0], 0o700)
    machine.files.write(path, content, machine.clock, 0o600)
    return HostModel(machine, Line())


@pytest.mark.parametrize(
    ("directory", "folder"),
    [
        (LETS_ENCRYPT, "acme-v02.api.letsencrypt.org-directory"),
        (
            "https://acme-staging-v02.api.letsencrypt.org/directory",
            "acme-staging-v02.api.letsencrypt.org-directory",
        ),
        ("https://ca.test:9443/acme/lab/directory", "ca.test-9443-acme-lab-directory"),
    ],
)
def test_the_place_is_where_caddy_looks(directory: str, folder: str) -> None:
    edge = Edge("chirp.test", "ops@chirp.test", directory)
    assert certificate_path(edge).split("/")[-3:] == [folder, "chirp.test", "chirp.test.crt"]


async def test_a_new_server_has_none(machine: Machine) -> None:
    host = HostModel(machine, Line())
    assert not await has_certificate(host, EDGE)
    assert not await has_valid_certificate(host, EDGE, at=NOW)


async def test_one_that_was_restored_is_enough(machine: Machine) -> None:
    host = keep(machine, certificate("chirp.test"))
    assert await has_certificate(host, EDGE)
    assert await has_valid_certificate(host, EDGE, at=NOW)


@pytest.mark.parametrize("days", [-2, 90, 400])
async def test_one_that_has_run_out_or_is_about_to_or_is_of_the_future_is_none(
    machine: Machine, days: int
) -> None:
    host = keep(machine, certificate("chirp.test"))
    assert not await has_valid_certificate(host, EDGE, at=NOW + timedelta(days=days))
    assert await has_certificate(host, EDGE)


async def test_one_for_another_name_is_none(machine: Machine) -> None:
    host = keep(machine, certificate("other.test"))
    assert not await has_valid_certificate(host, EDGE, at=NOW)


async def test_what_came_back_damaged_is_none(machine: Machine) -> None:
    host = keep(machine, certificate("chirp.test")[:200])
    assert not await has_valid_certificate(host, EDGE, at=NOW)


async def test_one_of_the_staging_authority_is_none_for_the_real_one(machine: Machine) -> None:
    staging = "https://acme-staging-v02.api.letsencrypt.org/directory"
    host = keep(machine, certificate("chirp.test"), Edge("chirp.test", "ops@chirp.test", staging))
    assert not await has_certificate(host, EDGE)
