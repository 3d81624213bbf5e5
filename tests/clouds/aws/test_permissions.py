"""docs/aws-policy.json is what liferaft's key needs at AWS, no less and no more.

The contract suite runs under it as well, a whole site's deployment among it.
"""

import pytest
from tests.contract.home import Home
from tests.contract.worlds.aws import AwsWorld, documented_permissions

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Owner
from liferaft.clouds.kinds import (
    KINDS,
    BucketSpec,
    FirewallSpec,
    Rule,
    ServerSpec,
    VolumeSpec,
)
from liferaft.clouds.sizes import WantedSize

LATER = (Rule("tcp", ("0.0.0.0/0",), "443"),)
LARGER = WantedSize(cpus=4, memory=8192, disk=20, architecture="x86_64")


def live_and_die(aws: AwsWorld, home: Home) -> None:
    """Everything that liferaft does at a cloud, done once to each kind."""
    home.cloud.account()
    home.cloud.allowance({"chirp-here-app-1": LARGER})
    for kind in KINDS:
        ident = home.make(kind)
        assert home.things(kind).read(ident) is not None
        assert home.things(kind).owned_by(app=home.app)
    _change(home)
    _boot_from_an_image_in_another_zone(aws, home)
    _leave_behind_in_a_bucket(home)
    for kind in ("machine_image", "bucket", "server", "address"):
        home.delete(kind)
    for kind in ("firewall", "ssh_key", "network"):
        home.delete(kind)


def _change(home: Home) -> None:
    firewall: FirewallSpec = home.spec("firewall")
    again = FirewallSpec(firewall.name, firewall.network_id, LATER)
    home.things("firewall").update(home.make("firewall"), again)
    server: ServerSpec = home.spec("server")
    grown = {**vars(server), "cpus": LARGER.cpus, "memory": LARGER.memory}
    home.things("server").update(home.make("server"), ServerSpec(**grown))
    volume: VolumeSpec = home.spec("volume")
    disk = home.make("volume")
    home.things("volume").update(disk, VolumeSpec(volume.name, 20, volume.server_id))
    home.things("volume").delete(disk)


def _boot_from_an_image_in_another_zone(aws: AwsWorld, home: Home) -> None:
    full = str(home.create("server").zone)
    image = home.make("machine_image")
    aws.fill(zones=[full])
    asked = {**vars(home.plain_server()), "name": "app-2", "image_id": image}
    spec = ServerSpec(**{**asked, "private_address": None})
    made = home.things("server").create(spec, home.owner("second"))
    assert made.zone != full
    aws.mend()
    home.things("server").delete(made.id)


def _leave_behind_in_a_bucket(home: Home) -> None:
    """Versions and an unfinished upload."""
    bucket = BucketSpec(f"{home.app}-media")
    client = home.things("bucket")._account.client()  # the application's part, at this store
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("one", "one"):
        client.put_object(Bucket=bucket.name, Key=key, Body=b"a picture")
    client.create_multipart_upload(Bucket=bucket.name, Key="half")


APPS_OWN = {"s3:PutObject", "s3:PutBucketVersioning"}
"""What this test does in the application's stead."""


def test_all_that_liferaft_does_at_aws_needs_the_documented_permissions_and_no_others(
    aws: AwsWorld, home: Home
) -> None:
    documented = documented_permissions()
    aws.limits.permitted = documented | APPS_OWN
    live_and_die(aws, home)
    assert aws.limits.asked - APPS_OWN == documented


def test_a_permission_that_is_lacking_is_told_by_its_name(aws: AwsWorld, home: Home) -> None:
    aws.limits.permitted = documented_permissions() - {"ec2:CreateVpc"}
    with pytest.raises(CloudFailure, match=r"perform: ec2:CreateVpc") as refused:
        home.make("network")
    assert refused.value.classification.verdict is Verdict.AMBIGUOUS


def test_a_store_says_it_too(aws: AwsWorld, home: Home) -> None:
    aws.limits.permitted = documented_permissions() - {"s3:ListAllMyBuckets"}
    with pytest.raises(CloudFailure, match=r"perform: s3:ListAllMyBuckets"):
        home.things("bucket").create(
            BucketSpec("chirp-media"), Owner.of("urn:b", app="chirp", site="here", epoch=1)
        )
