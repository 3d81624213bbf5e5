from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liferaft.clouds.contract import Cloud, Owner, Unsupported, digest
from liferaft.clouds.credentials import MissingCredential
from liferaft.clouds.inventory import Inventory, InventoryMachine, ObjectStore
from liferaft.clouds.kinds import BUCKET, ServerSpec
from liferaft.clouds.lookup import resource
from liferaft.clouds.registry import CLOUDS, open_cloud

SERVER = ServerSpec("app-1", 2, 4096, "#!/bin/sh\n: hidden\n", "n", "f", "k", "10.20.2.11")


def test_a_token_is_the_same_for_every_attempt_at_one_resource() -> None:
    first = Owner.of("urn:pulumi:a::chirp::t::n", app="chirp", site="a", epoch=1)
    later = Owner.of("urn:pulumi:a::chirp::t::n", app="chirp", site="a", epoch=2)
    other = Owner.of("urn:pulumi:b::chirp::t::n", app="chirp", site="b", epoch=1)
    assert first.token == later.token
    assert first.token != other.token


def test_labels_fit_the_strictest_cloud() -> None:
    labels = Owner.of("urn", app="chirp", site="aws-east", epoch=7).labels(SERVER)
    assert labels["liferaft-epoch"] == "7"
    assert all(len(value) <= 63 and value.replace("-", "").isalnum() for value in labels.values())


def test_a_long_name_stays_a_dns_label_and_stays_unique() -> None:
    first, other = (Owner("a" * 31, "s" * 31, 1, "t").name(short) for short in ("app-1", "app-2"))
    assert len(first) <= 63
    assert first != other
    assert Owner("chirp", "aws-east", 1, "t").name("app-1") == "chirp-aws-east-app-1"


def test_user_data_is_neither_shown_nor_readable_from_labels() -> None:
    assert "hidden" not in repr(SERVER)
    assert "hidden" not in str(Owner("a", "s", 1, "t").labels(SERVER))


def test_a_digest_changes_with_what_needs_a_new_thing() -> None:
    assert digest(SERVER) != digest(replace(SERVER, user_data="#!/bin/sh\n: other\n"))
    assert digest(SERVER) != digest(replace(SERVER, disk=40))


def test_what_can_be_updated_does_not_make_it_another_thing() -> None:
    assert digest(SERVER) == digest(replace(SERVER, cpus=8, image_id="image-1"))


def test_an_unknown_cloud_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(Unsupported) as refused:
        open_cloud("azure", "west", {})
    assert "aws, gcp, hetzner" in refused.value.facts.do


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("aws", "AWS_ACCESS_KEY_ID"),
        ("gcp", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("hetzner", "HETZNER_S3_ACCESS_KEY_ID"),
        ("ssh", "LIFERAFT_SSH_KEY_FILE"),
    ],
)
def test_a_missing_credential_is_named_and_nothing_is_asked(name: str, first: str) -> None:
    with pytest.raises(MissingCredential, match=first):
        open_cloud(name, "somewhere", {})


def test_every_cloud_has_the_kinds_that_the_registry_says() -> None:
    credentials = dict.fromkeys(
        (
            *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HCLOUD_TOKEN"),
            *("HETZNER_S3_ACCESS_KEY_ID", "HETZNER_S3_SECRET_ACCESS_KEY"),
            *(
                "LIFERAFT_SSH_KEY_FILE",
                "LIFERAFT_S3_ACCESS_KEY_ID",
                "LIFERAFT_S3_SECRET_ACCESS_KEY",
            ),
        ),
        "x",
    )
    machine = InventoryMachine("m1", "192.0.2.1", "10.40.0.1", "k", cpus=1, memory=512, disk=20)
    colo = Inventory(machines=(machine,), objects=ObjectStore("https://s3.test"))
    # Opening Google's loads an SDK of seconds: tests/clouds/test_gcp_cloud.py does.
    for name in CLOUDS.keys() - {"gcp"}:
        cloud = open_cloud(name, "r", credentials, inventory=colo)
        assert set(cloud.kinds) == CLOUDS[name].kinds


def test_a_kind_that_a_cloud_lacks_names_the_key_that_supplies_it() -> None:
    bare: Any = SimpleNamespace(name="ssh", kinds={})
    with pytest.raises(Unsupported, match="ssh has no bucket") as refused:
        resource(cast("Cloud", bare), BUCKET)
    assert "sites.<site>.objects" in refused.value.facts.do
