"""What a second of outage of each vendor breaks is a sentence; who ends all at once is critical."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.doctor.conftest import Find
from tests.doctor.test_accounts import dead_vault
from tests.doctor.test_standby import MACHINES

from liferaft.doctor import outages
from liferaft.doctor.check import Examined
from liferaft.doctor.patient import Patient
from liferaft.site.machine_images import MachineImageRecord, keep_machine_image
from liferaft.vault import CheckedVault, EveryVault, Vault

Called = Callable[..., Patient]
pytestmark = pytest.mark.usefixtures("east_reigns")
ONE = 'class = "octodns_powerdns.PowerDnsProvider"\nhost = "192.0.2.1"\napi_key = '
SECOND = '[vaults.depot]\nurl = "s3://depot"\nendpoint = "https://depot.example"\n\n[sites.east]'


@pytest.fixture
def told(patient: Called, find: Find) -> Callable[..., dict[str, Any]]:
    """By vendor, where liferaft.toml is changed so."""

    def ask(*changes: tuple[str, str]) -> dict[str, Examined]:
        return {one.about: one for one in find(outages.of_outages(patient(*changes)), "outage")}

    return ask


def test_the_cloud_of_the_application_is_what_a_failover_is_for(told: Callable[..., Any]) -> None:
    aws = told()["aws"]
    assert aws.severity == "note"
    assert aws.finding == (
        "Users of east are served no more, what no vault has yet of db and media is lost, and "
        "there is no deploy, snapshot or drill until the application was moved."
    )


def test_a_standby_is_told_with_what_cannot_be_done_meanwhile(told: Callable[..., Any]) -> None:
    hetzner = told()["hetzner"]
    assert hetzner.severity == "note"
    assert hetzner.finding.startswith("There is no failover, deploy or drill to north")
    assert "no failover would be possible: no site is left to move to" in hetzner.finding


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('cloud = "hetzner"\nregion = "fsn1"', 'cloud = "aws"\nregion = "eu-west-1"'), "no site"),
        ((ONE, 'class = "octodns_route53.Route53Provider"\naccess_key_id = '), "it ends where the"),
    ],
    ids=["standby", "dns"],
)
def test_a_vendor_that_ends_the_application_and_the_way_out_is_critical(
    told: Callable[..., Any], change: tuple[str, str], reason: str
) -> None:
    aws = told(change)["aws"]
    assert aws.severity == "critical"
    assert f"NO FAILOVER WOULD BE POSSIBLE: {reason}" in aws.finding


def test_a_vault_at_the_cloud_of_the_application_leaves_nothing_to_come_back_from(
    told: Callable[..., Any], tmp_path: object
) -> None:
    at_home = (f'url = "file://{tmp_path}/vault"', 'url = "s3://chirp-vault"')
    aws = told(at_home)["aws"]
    assert aws.severity == "critical"
    assert "no vault is left to come back from" in aws.finding
    assert told(at_home, ("[sites.east]", SECOND))["aws"].severity == "note"


def test_an_only_vault_is_a_warning_and_a_second_one_takes_it_away(
    told: Callable[..., Any],
) -> None:
    alone = told()["the disk of vault main"]
    assert alone.severity == "warning"
    assert alone.mend == "Declare a second vault, at another vendor."
    two = told(("[sites.east]", SECOND))
    assert two["the disk of vault main"].severity == "note"
    assert "vault depot goes on by itself" in two["the disk of vault main"].finding


def test_a_site_is_of_no_use_without_the_store_that_its_objects_lie_at(
    told: Callable[..., Any],
) -> None:
    machines = MACHINES.replace("https://objects.test", "https://s3.amazonaws.com")
    found = told(('cloud = "hetzner"\nregion = "fsn1"\nsizes = { app = "cx32" }\n', machines))
    assert found["aws"].severity == "critical"
    assert "the application at north has no store for its objects" in found["aws"].finding
    assert found["whoever provides north"].finding.startswith("There is no failover")


def test_each_dns_vendor_and_the_authority_have_their_sentence(told: Callable[..., Any]) -> None:
    found = told()
    assert "takes no change; no failover would be possible" in found["DNS vendor one"].finding
    assert found["letsencrypt.org"].finding.startswith("No certificate is renewed")


def test_the_mirror_is_missed_by_standbys_without_an_image_alone(
    patient: Called, vault: Vault, find: Find
) -> None:
    (one,) = find(outages.of_outages(patient()), "outage-mirror")
    assert one.severity == "warning"
    assert one.finding.startswith("A failover to north installs packages from it")
    name, packages = "20261122T140507Z", ("caddy",)
    image = MachineImageRecord("id", name, "hetzner", "fsn1", packages, "debian-13")
    keep_machine_image(vault, "north", image)
    (one,) = find(outages.of_outages(patient()), "outage-mirror")
    assert one.severity == "ok"


def test_no_registry_of_images_is_needed(patient: Called, find: Find) -> None:
    (one,) = find(outages.of_outages(patient()), "outage-registry")
    assert one.severity == "ok"


def test_a_second_vault_that_is_silent_today_is_none_to_come_back_from(
    patient: Called, find: Find, vault: CheckedVault
) -> None:
    it = patient(("[sites.east]", SECOND))
    both = replace(it, vault=EveryVault([vault, dead_vault()]))
    rows = {one.about: one for one in find(outages.of_outages(both), "outage")}
    main = rows["the disk of vault main"]
    assert main.severity == "warning"
    assert main.mend == "See to vault depot: nothing could come back from it today."
    assert main.facts["copies"]["db"] == ["site east"]
    assert set(main.facts["moves"]) == {"deploy", "snapshot", "failover north", "drill north"}
