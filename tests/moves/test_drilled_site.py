"""Which site is tried, by what an operator calls it."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.moves.drilled_site import drilled_site, only_standby

Configured = Callable[..., Config]
WEST = '[sites.west]\ncloud = "hetzner"\nregion = "nbg1"\n\n[servers.db]'


def test_a_cloud_is_the_only_site_there(config: Config) -> None:
    assert drilled_site(config, "hetzner") == "north"


def test_a_site_goes_before_a_cloud_of_its_name(configured: Configured) -> None:
    named = configured(("[servers.db]", WEST.replace("west", "aws")))
    assert drilled_site(named, "aws") == "aws"


def test_of_several_at_one_cloud_none_is_guessed(configured: Configured) -> None:
    with pytest.raises(BadInput) as raised:
        drilled_site(configured(("[servers.db]", WEST)), "hetzner")
    assert "north, west" in raised.value.facts.do


def test_who_is_neither_is_told_what_there_is(config: Config) -> None:
    with pytest.raises(BadInput) as raised:
        drilled_site(config, "ssh")
    assert "east, north; or a cloud: aws, hetzner" in raised.value.facts.do


def test_without_a_name_it_is_the_site_that_does_not_reign(
    config: Config, configured: Configured
) -> None:
    assert only_standby(config, "east") == "north"
    with pytest.raises(BadInput, match="several sites"):
        only_standby(configured(("[servers.db]", WEST)), "east")
