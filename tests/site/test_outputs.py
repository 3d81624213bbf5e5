"""What a site's stack exports, read into values."""

import pytest

from liferaft.site.outputs import BucketOutput, ServerOutput, SiteIncomplete, SiteOutputs

SERVER = {
    "name": "db-1",
    "group": "db",
    "public_address": "198.51.100.9",
    "private_address": "10.0.1.1",
}
BUCKET = {"name": "media", "endpoint": "https://s3.test", "region": "r"}
WHOLE = {"address": "198.51.100.7", "servers": [SERVER], "bucket": BUCKET}


def test_outputs_are_read_whole() -> None:
    outputs = SiteOutputs.of("east", WHOLE)
    assert outputs.address == "198.51.100.7"
    assert outputs.server("db-1") == ServerOutput(**SERVER)
    assert outputs.bucket == BucketOutput(**BUCKET)


def test_a_pilot_light_has_an_address_and_no_servers() -> None:
    outputs = SiteOutputs.of("east", {"address": "198.51.100.7"})
    assert outputs.servers == ()
    assert outputs.bucket is None


@pytest.mark.parametrize("outputs", [{}, {"address": None}, {"address": ""}])
def test_a_site_that_was_never_up_says_how_to_bring_it_up(outputs: dict[str, None]) -> None:
    with pytest.raises(SiteIncomplete, match="never brought up") as caught:
        SiteOutputs.of("east", outputs)
    assert "liferaft deploy east" in caught.value.facts.do


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(SiteIncomplete, match="app-1"):
        SiteOutputs.of("east", WHOLE).server("app-1")
