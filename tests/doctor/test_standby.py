"""What a failover needs of its target is asked before the day it is needed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from tests.doctor.conftest import Find, Said

from liferaft.clouds.classification import Classification, Verdict
from liferaft.clouds.contract import Allowance, Owner
from liferaft.clouds.kinds import MachineImageSpec
from liferaft.clouds.sizes import NoSizeFits
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.doctor import standby
from liferaft.doctor.patient import Patient
from liferaft.failures import Refused
from liferaft.moves.needs import all_packages
from liferaft.site.machine_images import MachineImageRecord, keep_machine_image
from liferaft.site.site import Site
from liferaft.site.stack import SERVER
from liferaft.vault import Vault
from liferaft.vault.layout import EpochKeys

Called = Callable[..., Patient]
pytestmark = pytest.mark.usefixtures("east_reigns")
FREE = "This AWS account is on the free plan: AWS closes it on 2026-12-09."
MACHINES = """\
cloud = "ssh"
region = "colo"
objects = { endpoint = "https://objects.test" }
[sites.north.machines.one]
address = "198.51.100.1"
private_address = "10.1.0.1"
host_key = "env/HOST_KEY"
cpus = 4
memory = "16GiB"
disk = "100GiB"
[sites.north.machines.two]
address = "198.51.100.2"
private_address = "10.1.0.2"
host_key = "env/HOST_KEY"
cpus = 4
memory = "16GiB"
disk = "100GiB"
"""


def test_an_account_that_may_run_the_servers_says_which_they_would_be(
    patient: Called, clouds: Mapping[str, Said], find: Find
) -> None:
    (one,) = find(standby.of_standbys(patient()), "allowance")
    assert (one.severity, one.about) == ("ok", "site north")
    assert "chirp-north-db-1 m2, chirp-north-app-1 m2" in one.finding
    assert not clouds["north"].line.asked, "nothing was made"


def test_a_quota_that_refuses_the_servers_is_critical_and_what_is_odd_a_warning(
    patient: Called, clouds: Mapping[str, Said], find: Find
) -> None:
    few = Refused("hetzner: this account may run 1 CPU", do="Ask for more.")
    clouds["north"].allows = Allowance((few,), (FREE,))
    critical, warning = find(standby.of_standbys(patient()), "allowance")
    assert (critical.severity, critical.finding) == (
        "critical",
        "hetzner: this account may run 1 CPU.",
    )
    assert critical.mend == "Ask for more."
    assert (warning.severity, warning.finding) == ("warning", FREE)


def test_what_an_account_is_not_told_is_unknown_beside_what_it_is_and_wakes_nobody(
    patient: Called, clouds: Mapping[str, Said], find: Find
) -> None:
    clouds["north"].allows = Allowance(unknown=("hetzner does not tell its quota.",))
    unknown, well = find(standby.of_standbys(patient()), "allowance")
    assert (unknown.severity, unknown.is_answered) == ("unknown", True)
    assert unknown.finding == "NOT KNOWN: hetzner does not tell its quota."
    assert well.severity == "ok"


def test_a_size_that_nobody_sells_any_more_is_critical(
    patient: Called, clouds: Mapping[str, Said], find: Find
) -> None:
    clouds["north"].refuses = NoSizeFits("hetzner fsn1 does not offer cx32", do="Pin another.")
    (one,) = find(standby.of_standbys(patient()), "allowance")
    assert (one.severity, one.mend) == ("critical", "Pin another.")


def test_a_cloud_that_cannot_be_asked_for_its_quota_is_not_told_as_well(
    patient: Called, clouds: Mapping[str, Said], find: Find
) -> None:
    clouds["north"].refuses = clouds["north"].refusal("listing sizes", _outage())
    (one,) = find(standby.of_standbys(patient()), "allowance")
    assert (one.severity, one.is_answered) == ("unknown", False)
    assert one.finding.startswith("NOT KNOWN: ")


def _outage() -> Classification:
    return Classification(Verdict.OUTAGE, "timeout", "no answer")


def image(patient: Patient, cloud: Said) -> MachineImageRecord:
    """A good one, at its cloud and on record."""
    owner = Owner("chirp", "north", 1, "token")
    facts = cloud.kinds["machine_image"].create(MachineImageSpec("image", "server-1"), owner)
    packages = all_packages(patient.config)
    name, wants = "20261122T140507Z", patient.config.system
    return MachineImageRecord(facts.id, name, "hetzner", "fsn1", packages, wants)


def told(patient: Patient, vault: Vault, record: MachineImageRecord, find: Find) -> list[str]:
    keep_machine_image(vault, "north", record)
    found = find(standby.of_standbys(patient), "machine-image")
    return [f"{one.severity}: {one.finding}" for one in found]


def test_a_machine_image_is_held_against_what_servers_need(
    patient: Called, clouds: Mapping[str, Said], vault: Vault, find: Find
) -> None:
    it = patient()
    good = image(it, clouds["north"])
    assert told(it, vault, good, find) == ["ok: Image 20261122T140507Z is there, of Debian 13."]
    for flaw, record in {
        "is of debian-12, and the application runs Debian 13": replace(good, system="debian-12"),
        "lies at aws in us-east-1, where the site is not": replace(
            good, cloud="aws", region="us-east-1"
        ),
        "lacks packages that servers need: caddy": replace(
            good, packages=tuple(one for one in good.packages if one != "caddy")
        ),
        "is 199 days old": replace(good, name="20260515T000000Z"),
        "hetzner does not have image gone any more": replace(good, id="gone"),
    }.items():
        (said,) = told(it, vault, record, find)
        assert said.startswith("warning: ")
        assert flaw in said


def test_without_a_machine_image_a_failover_waits_for_packages_and_that_is_said(
    patient: Called, find: Find
) -> None:
    (one,) = find(standby.of_standbys(patient()), "machine-image")
    assert one.severity == "warning"
    assert one.mend == "Make one: `liferaft image build north`."


def test_rented_machines_have_no_image_and_what_is_on_them_is_not_asked(
    patient: Called, find: Find
) -> None:
    declared = 'cloud = "hetzner"\nregion = "fsn1"\nsizes = { app = "cx32" }\n'
    (one,) = find(standby.of_standbys(patient((declared, MACHINES))), "machine-image")
    assert one.severity == "note"
    assert "is not asked" in one.finding


def test_an_operator_with_all_that_a_failover_takes_is_well(patient: Called, find: Find) -> None:
    (one,) = find(standby.of_standbys(patient()), "operator")
    assert one.severity == "ok", one.finding


def test_variables_that_only_a_failover_reads_are_missed_today(
    patient: Called, environ: dict[str, str], find: Find
) -> None:
    del environ["LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID"]
    (one,) = find(standby.of_standbys(patient()), "operator")
    assert one.severity == "critical"
    assert "LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID" in one.finding


def test_an_identity_that_does_not_open_the_secrets_is_critical(
    patient: Called, environ: dict[str, str], find: Find
) -> None:
    other = pyrage.x25519.Identity.generate()
    Path(environ["LIFERAFT_IDENTITY_FILE"]).write_text(str(other))
    (one,) = find(standby.of_standbys(patient()), "operator")
    assert one.severity == "critical"


def test_of_the_site_that_is_asked_for_alone_where_one_is(patient: Called) -> None:
    abouts = {one.about for one in standby.of_standbys(patient(site="north"))}
    assert abouts == {"site north"}
    assert not [*standby.of_standbys(patient(site="east"))], "it reigns"


@pytest.fixture
def is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that a failover reads before it begins be whole."""

    async def look(*_: object, running: bool) -> tuple[str, ...]:
        assert running, "as a failover reads, which is quick"
        return ()

    monkeypatch.setattr(standby, "require_whole", look)


def test_what_a_failover_would_read_and_is_not_there_keeps_it_from_beginning(
    patient: Called, has_point: Callable[[int, str], None], find: Find
) -> None:
    has_point(1, "20261130T110000Z")
    (one,) = find(standby.of_standbys(patient()), "failover-plan")
    assert one.severity == "critical"
    assert "archive.info of vault main is damaged: it is not there" in one.finding


@pytest.mark.usefixtures("is_whole")
def test_a_failover_is_planned_by_the_code_that_would_refuse_it(
    patient: Called, has_point: Callable[[int, str], None], find: Find
) -> None:
    (without,) = find(standby.of_standbys(patient()), "failover-plan")
    assert without.severity == "critical"
    assert "holds no recovery point" in without.finding
    assert without.mend
    has_point(1, "20261130T110000Z")
    (well,) = find(standby.of_standbys(patient()), "failover-plan")
    assert well.severity == "ok", well.finding
    assert "for epoch 2" in well.finding


def test_what_a_site_has_from_its_own_reign_refuses_a_failover_to_it_and_is_found(
    patient: Called,
    vault: Vault,
    reigns: Callable[[int, str], None],
    has_point: Callable[[int, str], None],
    find: Find,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reigns(2, "north")
    has_point(2, "20261130T110000Z")
    vault.put(EpochKeys(2).secrets, vault.get(EpochKeys(1).secrets))
    asyncio.run(keep_timeline(vault, 2, 2))
    row = {"type": SERVER, "urn": "urn:pulumi:east::chirp::s::db-1", "id": "i-1"}

    async def kept(_: Site) -> dict[str, object]:
        return {"deployment": {"resources": [row]}}

    monkeypatch.setattr(Site, "deployment", kept)
    (one,) = find(standby.of_standbys(patient()), "failover-plan")
    assert (one.severity, one.about) == ("critical", "site east")
    assert "east still has db-1 from epoch 1" in one.finding
    assert "liferaft destroy east --servers" in one.mend
