"""What the kinds of data are told about a site, from configuration, secrets and outputs."""

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from liferaft.config import AccessKeyPair, Config, VaultCredentials
from liferaft.data.bucket.binding import site_bucket
from liferaft.data.postgres.binding import database
from liferaft.failures import BadInput
from liferaft.hosts import archives
from liferaft.moves.front import front
from liferaft.site.reach import KeysOf, authorities, vault_access, vault_accesses
from liferaft.site.world import World
from liferaft_sandbox.vendors.certificates import Authority

STORE = 's3://chirp-vault"\nendpoint = "https://objects.example:8443"\nregion = "eu'


def test_servers_reach_the_vault_at_its_endpoint(in_a_bucket: Callable[[str], World]) -> None:
    access = vault_access(in_a_bucket(STORE))
    assert (access.bucket, access.host, access.port) == ("chirp-vault", "objects.example", 8443)
    assert (access.region, access.prefix, access.ca_file) == ("eu", "chirp/", None)
    assert "secret" not in repr(access)


def test_a_vault_without_an_endpoint_is_at_aws(in_a_bucket: Callable[[str], World]) -> None:
    access = vault_access(in_a_bucket("s3://chirp-vault"))
    assert access.url == "https://s3.us-east-1.amazonaws.com:443"


def test_a_vault_that_is_a_folder_is_refused_for_servers(world: World) -> None:
    with pytest.raises(BadInput, match="Vault main is a folder") as caught:
        vault_access(world)
    assert "s3://" in caught.value.facts.do


def test_servers_reach_every_vault_in_the_order_of_the_file(
    in_a_bucket: Callable[[str], World],
) -> None:
    world = in_a_bucket(f'{STORE}"\n[vaults.other]\nurl = "s3://chirp-copies')
    keys = VaultCredentials(SecretStr("other-id"), SecretStr("other-secret"), None)
    named = {**world.site.credentials.vaults, "other": keys}
    world.site.credentials = dataclasses.replace(world.site.credentials, vaults=named)
    first, second = vault_accesses(world)
    assert (first.name, first.bucket, first.access_key) == ("main", "chirp-vault", "id")
    assert (second.name, second.bucket, second.access_key) == ("other", "chirp-copies", "other-id")


def test_servers_hold_their_own_keys_and_get_others_for_what_is_no_part_of_their_days(
    in_a_bucket: Callable[[str], World],
) -> None:
    world = in_a_bucket(STORE)

    def accesses() -> list[str]:
        return [vault_accesses(world, keys)[0].access_key for keys in KeysOf]

    assert accesses() == ["id", "id", "id"]
    hosts, reading = (AccessKeyPair(SecretStr(name), SecretStr("s")) for name in ("h", "r"))
    for pairs, expected in (
        ({"hosts": hosts}, ["h", "h", "id"]),
        ({"hosts": hosts, "reading": reading}, ["h", "r", "id"]),
        ({"hosts": None}, ["id", "r", "id"]),
    ):
        main = dataclasses.replace(world.site.credentials.vaults["main"], **pairs)
        world.site.credentials = dataclasses.replace(world.site.credentials, vaults={"main": main})
        assert accesses() == expected


def test_a_folder_beside_a_bucket_is_no_vault_for_servers(
    in_a_bucket: Callable[[str], World], tmp_path: Path
) -> None:
    world = in_a_bucket(f'{STORE}"\n[vaults.disk]\nurl = "file://{tmp_path}/disk')
    named = {**world.site.credentials.vaults, "disk": VaultCredentials()}
    world.site.credentials = dataclasses.replace(world.site.credentials, vaults=named)
    assert [access.name for access in vault_accesses(world)] == ["main"]


def test_folders_alone_are_refused_for_servers(world: World) -> None:
    with pytest.raises(BadInput, match="Vault main is a folder"):
        vault_accesses(world)


async def test_the_application_talks_to_the_database_over_the_private_network(
    world: World,
) -> None:
    found = await database(world)
    assert (found.name, found.role, found.address) == ("chirp", "chirp", "10.0.1.1")
    assert found.password == (await world.site.secrets()).postgres_password.get_secret_value()


async def test_the_edge_asks_its_own_server_directly_and_others_privately(
    world: World, configured: Callable[..., Config]
) -> None:
    world.site.config = configured(('runs = ["web"]', 'runs = ["web"]\ncount = 2'))
    found = await front(world)
    assert found.upstreams == ("127.0.0.1:8080", "10.0.2.2:8080")
    assert found.health_path == "/healthz"


async def test_the_bucket_is_reached_with_the_keys_of_this_site(world: World) -> None:
    keys = AccessKeyPair(SecretStr("north-id"), SecretStr("north-secret"))
    world.site.credentials = dataclasses.replace(world.site.credentials, buckets={"north": keys})
    found = await site_bucket(world)
    assert (found.bucket, found.url) == ("media", "https://s3.test")
    assert (found.access_key, found.secret_key) == ("north-id", "north-secret")
    assert found.ca_file is None


async def test_an_authority_that_serves_twice_is_trusted_once(world: World, tmp_path: Path) -> None:
    one, two = tmp_path / "one.crt", tmp_path / "two.crt"
    first, second = Authority("first").root(), Authority("second").root()
    one.write_bytes(first.rstrip())
    two.write_bytes(second)
    vaults = {"a": VaultCredentials(ca_file=one), "b": VaultCredentials(ca_file=two)}
    world.site.credentials = dataclasses.replace(
        world.site.credentials, vaults=vaults, users_ca_file=one
    )
    assert await authorities(world) == first + second


async def test_an_authority_that_is_not_there_is_named(world: World, tmp_path: Path) -> None:
    gone = VaultCredentials(ca_file=tmp_path / "gone.crt")
    world.site.credentials = dataclasses.replace(world.site.credentials, vaults={"a": gone})
    with pytest.raises(BadInput, match=r"gone\.crt cannot be read: No such file"):
        await authorities(world)


def test_an_image_is_called_by_its_content(tmp_path: Path) -> None:
    archive = tmp_path / "chirp.oci.tar"
    archive.write_bytes(b"layers")
    assert archives.digest(archive) == hashlib.sha256(b"layers").hexdigest()


def test_an_image_that_was_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file") as caught:
        archives.digest(tmp_path / "chirp.oci.tar")
    assert "app.images" in caught.value.facts.do
