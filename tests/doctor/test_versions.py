"""Systems that differ between configuration, reign and recovery point are found before a move."""

from collections.abc import Callable

import pytest
from tests.doctor.conftest import Find

from liferaft.doctor import versions
from liferaft.doctor.patient import Patient
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import Vault

Called = Callable[..., Patient]
pytestmark = pytest.mark.usefixtures("east_reigns")
AT = "2026-11-30T11:00:00Z"


@pytest.fixture
def kept(vault: Vault) -> Callable[..., None]:
    """Let the newest point be of a server like this."""

    def write(system: str = "debian 13", architecture: str = "x86_64") -> None:
        platform = {
            "system": system,
            "architecture": architecture,
            "libc": "glibc 2.41",
            "postgresql": "17",
        }
        part = Part("postgres", "db", 1, AT, 1, {"platform": platform})
        publish(vault, RecoveryPoint("20261130T110000Z", "chirp", 1, "east", AT, (part,)))

    return write


def test_records_that_agree_are_well_and_say_of_what_they_are(
    patient: Called, kept: Callable[..., None], find: Find
) -> None:
    kept()
    (one,) = find(versions.of_versions(patient()), "versions")
    assert one.severity == "ok"
    assert one.finding == "All are of Debian 13; db of PostgreSQL 17, glibc 2.41, x86_64."


def test_a_configuration_that_asks_for_another_system_is_critical(
    patient: Called, find: Find
) -> None:
    asks = ('name = "chirp"', 'name = "chirp"\nsystem = "debian-12"')
    (one,) = find(versions.of_versions(patient(asks)), "versions")
    assert one.severity == "critical"
    assert "east reigns on Debian 13, and liferaft.toml asks for Debian 12" in one.finding
    assert one.mend


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"system": "debian 12"}, "is of Debian 12, and the application runs Debian 13"),
        ({"architecture": "aarch64"}, "is of arm64 servers, and liferaft.toml asks for x86_64"),
    ],
)
def test_a_point_that_no_server_could_start_is_critical(
    patient: Called, kept: Callable[..., None], find: Find, of: dict[str, str], said: str
) -> None:
    kept(**of)
    (one,) = find(versions.of_versions(patient()), "versions")
    assert one.severity == "critical"
    assert said in one.finding
