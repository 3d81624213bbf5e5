"""Every key, as decision 003 has it, and as it lies in the vaults that are there already."""

import asyncio
import inspect
import re
from collections.abc import Mapping
from pathlib import Path

import pyrage
import pytest
from tests import kept

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.data.bucket import program
from liferaft.data.certificates import dataset as certificates
from liferaft.data.container_images import archive
from liferaft.data.postgres import layout as postgres
from liferaft.data.volume import program as volume
from liferaft.vault import EpochChain, EpochRecord, layout, open_vault
from liferaft.vault.layout import EpochKeys

DECISION = Path(__file__).parents[2] / "docs/decisions/003-vault-layout-and-epochs.md"
AREAS = (postgres.AREA, program.AREA, volume.AREA, archive.AREA, certificates.AREA)
FIRST = EpochKeys(1)

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "link": (
        layout.link(layout.EPOCHS, 1),
        layout.link(layout.LEASES, 1),
        layout.link(layout.SECRETS, 1),
    ),
    "secrets": (FIRST.secrets,),
    "blueprint": (FIRST.blueprint,),
    "release": (FIRST.release,),
    "kept_certificates": (FIRST.kept_certificates,),
    "timeline": (FIRST.timeline,),
    "destroyed": (FIRST.destroyed,),
    "point": (FIRST.point("POINT"),),
    "part": (FIRST.part("POINT", "KIND", "NAME"),),
    "state": (FIRST.state("POINT", "SITE"),),
    "verified": (FIRST.verified("POINT"),),
    "data": tuple(f"{FIRST.data(area)}/" for area in AREAS),
    "event": (layout.event("RUN", 1),),
    "report": (layout.report("RUN", "html"),),
    "renewal": (layout.renewal(1),),
    "begun_drill": (f"{layout.DRILLS}/",),
    "STATE": (f"{layout.STATE}/",),
    "machine_image": (layout.machine_image("SITE"),),
    "bucket_name": (layout.bucket_name("SITE", "DATA"),),
    "pin": (layout.pin("SITE", "SERVER"),),
    "departure": (layout.departure("ADDRESS", "VENDOR"),),
    "away": (layout.away("VAULT"),),
    "brought": (layout.brought("VAULT"),),
    "unfit": (layout.unfit("VAULT"),),
    "tried": (layout.tried("VAULT"),),
    "put_back": (layout.put_back("MOMENT", "begun"), layout.put_back("MOMENT", "done")),
    "probe": (f"{layout.probe('NONCE')}/",),
}
"""By its word in the layout, in the decision's placeholders."""
FOLDERS = {
    *(
        "EPOCHS",
        "LEASES",
        "SECRETS",
        "RUNS",
        "DRILLS",
        "DRILL_RUNS",
        "BEGUN",
        "MACHINE_IMAGES",
        "DEPARTURES",
        "AWAY",
        "BROUGHT",
        "UNFIT",
        "TRIED",
        "KEPT_BY_HOSTS",
        "NO_RECORDS",
        "PUT_BACK",
    ),
    *(
        "folder",
        "points",
        "parts",
        "all_parts",
        "states",
        "verifications",
        "run",
        "pins",
        "departures_from",
    ),
}
"""Where keys above begin."""
READING = {
    *("digits", "is_link", "link_number", "run_name", "event_number", "named"),
    *(
        "is_of_putting_back",
        "is_of_an_epoch",
        "is_epoch",
        "is_history",
        "is_claim",
        "is_forgotten",
    ),
}


def words() -> set[str]:
    """Everything that the layout offers."""
    own = {
        name
        for name, value in vars(layout).items()
        if name.isupper() or inspect.getmodule(value) is layout
    }
    offered = {*own, *vars(EpochKeys)} - {"EpochKeys", "epoch"}
    return {name for name in offered if not name.startswith("_")}


def documented() -> set[str]:
    """What the decision's table has as keys."""
    return set(re.findall(r"^\| `([^`]+)`", DECISION.read_text(), re.MULTILINE))


def test_the_decision_has_each_key_and_no_other() -> None:
    assert documented() == {key for keys in WRITTEN.values() for key in keys}


def test_nothing_of_the_layout_is_left_out_here() -> None:
    assert words() == {*WRITTEN, *FOLDERS, *READING}


@pytest.mark.parametrize(
    ("key", "literal"),
    [
        (layout.link(layout.EPOCHS, 2), "epoch/00000002"),
        (layout.link(layout.LEASES, 41), "lease/00000041"),
        (layout.renewal(41), "lease-renewed/00000041"),
        (layout.link(layout.LEASES, 123456789), "lease/123456789"),
        (EpochKeys(12).secrets, "epoch-00000012/secrets.age"),
        (EpochKeys(12).blueprint, "epoch-00000012/blueprint.age"),
        (EpochKeys(12).release, "epoch-00000012/release.json"),
        (EpochKeys(12).timeline, "epoch-00000012/timeline.json"),
        (EpochKeys(12).destroyed, "epoch-00000012/destroyed.json"),
        (EpochKeys(3).points, "epoch-00000003/points"),
        (
            EpochKeys(3).point("20261122T140507Z"),
            "epoch-00000003/points/20261122T140507Z.json",
        ),
        (
            EpochKeys(3).part("20261122T140507Z", "bucket", "media"),
            "epoch-00000003/parts/20261122T140507Z/bucket-media.json",
        ),
        (
            EpochKeys(3).state("20261122T140507Z", "aws-east"),
            "epoch-00000003/state/20261122T140507Z-aws-east.json",
        ),
        (
            postgres.segments_in_vault(3, postgres.cluster_of("debian-12")),
            "epoch-00000003/pgbackrest/archive/main/15-1",
        ),
        (postgres.backups_in_vault(3), "epoch-00000003/pgbackrest/backup/main"),
        (EpochKeys(3).data(program.AREA, "media"), "epoch-00000003/bucket/media"),
        (EpochKeys(3).data(archive.AREA), "epoch-00000003/images"),
        (EpochKeys(3).data(certificates.AREA), "epoch-00000003/certificates"),
        (
            layout.event("00000001-20261122T140000000Z-1a2b3c4d", 7),
            "runs/00000001-20261122T140000000Z-1a2b3c4d/000007.json",
        ),
        (layout.STATE, "state"),
        (layout.machine_image("aws-east"), "machine-images/aws-east.json"),
        (layout.bucket_name("aws-east", "media"), "bucket-names/aws-east/media.json"),
        (layout.pin("aws-east", "db-1"), "pins/aws-east/db-1.json"),
        (layout.away("main"), "away/main.json"),
        (layout.brought("main"), "brought/main.json"),
        (layout.unfit("main"), "unfit/main.json"),
        (layout.put_back("20261122T140000Z", "done"), "put-back/20261122T140000Z/done.json"),
        (layout.probe("beef"), "probe/beef"),
    ],
)
def test_what_lies_in_a_vault_already_is_still_found(key: str, literal: str) -> None:
    assert key == literal


def test_what_hosts_keep_is_known_by_the_folders_of_all_kinds_of_data() -> None:
    assert set(layout.KEPT_BY_HOSTS) == set(AREAS)


def test_a_reign_leaves_its_objects_where_they_always_lay(tmp_path: Path) -> None:
    identity, key = tmp_path / "identity", pyrage.x25519.Identity.generate()
    identity.write_text(str(key))
    identity.chmod(0o600)
    place = VaultConfig(url=f"file://{tmp_path}/vault")
    vault = open_vault("main", place, VaultCredentials(), prefix="chirp")
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", kept.AT))
    asyncio.run(kept.kept(vault, tmp_path, str(key.to_public()), identity))
    assert set(vault.list()) >= {
        "epoch/00000001",
        "epoch-00000001/secrets.age",
        "epoch-00000001/release.json",
        "epoch-00000001/points/20261121T140000Z.json",
        "epoch-00000001/points/20261122T140000Z.json",
        "lease/00000001",
        "lease-renewed/00000001",
        "bucket-names/north/media.json",
        "machine-images/north.json",
        "runs/00000001-20261122T140000000Z-aa/000001.json",
        "runs/00000001-20261122T140000000Z-aa/000002.json",
        "state/.pulumi/meta.yaml",
        "state/.pulumi/stacks/chirp/north.json",
    }


def test_numbers_and_names_are_read_back_from_keys() -> None:
    assert layout.link_number(layout.LEASES, "lease/00000041") == 41
    assert layout.is_link("lease/00000041")
    assert not layout.is_link("lease-renewed/00000041")
    assert layout.run_name("runs/00000001-a/000007.json") == "00000001-a"
    assert layout.event_number("00000001-a", "runs/00000001-a/000007.json") == 7
    assert layout.named("pins/aws-east/db-1.json") == "db-1"


@pytest.mark.parametrize("key", ["lease/README", "lease/1", "lease-renewed/00000041", "epoch/1"])
def test_what_is_no_link_of_the_chain_has_no_number(key: str) -> None:
    assert layout.link_number(layout.LEASES, key) is None


@pytest.mark.parametrize("key", ["runs/README", "epoch/00000001/x", "runs"])
def test_what_lies_in_no_runs_folder_is_of_no_run(key: str) -> None:
    assert layout.run_name(key) is None


@pytest.mark.parametrize("key", ["runs/00000001-a/README", "runs/00000001-b/000007.json"])
def test_what_is_no_event_of_the_run_has_no_number(key: str) -> None:
    assert layout.event_number("00000001-a", key) is None
