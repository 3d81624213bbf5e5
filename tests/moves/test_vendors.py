"""Whoever ends a cloud ends its object store and its DNS service too: they are one vendor."""

from collections.abc import Callable
from typing import Any

import pytest

from liferaft.config import Config
from liferaft.moves.vendors import vendors_of

Configured = Callable[..., Config]
ONE = 'class = "octodns_powerdns.PowerDnsProvider"\nhost = "192.0.2.1"\napi_key = '


def uses(config: Config) -> dict[str, Any]:
    """By vendor: sites, vaults, DNS vendors."""
    return {one.vendor: (one.sites, one.vaults, one.dns) for one in vendors_of(config)}


def test_each_is_named_once_with_all_that_it_is_to_the_application(config: Config) -> None:
    assert uses(config) == {
        "aws": (("east",), (), ()),
        "hetzner": (("north",), (), ()),
        "the disk of vault main": ((), ("main",), ()),
        "DNS vendor one": ((), (), ("one",)),
        "letsencrypt.org": ((), (), ()),
    }


@pytest.mark.parametrize(
    ("vault", "vendor"),
    [
        ('url = "s3://chirp-vault"', "aws"),
        ('url = "s3://chirp-vault"\nendpoint = "https://s3.eu-west-1.amazonaws.com"', "aws"),
        ('url = "s3://chirp-vault"\nendpoint = "https://storage.googleapis.com"', "gcp"),
        ('url = "s3://chirp-vault"\nendpoint = "https://fsn1.your-objectstorage.com"', "hetzner"),
        (
            'url = "s3://chirp-vault"\nendpoint = "https://objects.neutral.example"',
            "neutral.example",
        ),
        ('url = "s3://chirp-vault"\nendpoint = "https://objects.neutral.co.uk"', "neutral.co.uk"),
    ],
)
def test_a_vault_is_whose_store_it_is(
    configured: Configured, tmp_path: object, vault: str, vendor: str
) -> None:
    config = configured((f'url = "file://{tmp_path}/vault"', vault))
    assert uses(config)[vendor][1] == ("main",)


def test_a_dns_vendor_is_the_cloud_whose_class_it_has(configured: Configured) -> None:
    route53 = 'class = "octodns_route53.Route53Provider"\naccess_key_id = '
    assert uses(configured((ONE, route53)))["aws"][2] == ("one",)
    named = ONE.replace("192.0.2.1", "ns.neutral.example")
    assert uses(configured((ONE, named)))["neutral.example"][2] == ("one",)
