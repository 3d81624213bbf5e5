"""The application's secrets live on under each reign, and they stay the same."""

import dataclasses
from pathlib import Path

import pyrage
import pytest

from liferaft.config.app_secrets import SecretConfig
from liferaft.failures import Failure
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.secrets import SecretsChain, ensure_secrets, read_secrets
from liferaft.site.world import World


@pytest.fixture
def operated(world: World, tmp_path: Path) -> World:
    """The world of an operator who can open the first reign's secrets."""
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "identity"
    file.touch(mode=0o600)
    file.write_text(str(identity))
    recipients = (str(identity.to_public()),)
    world.site.credentials = dataclasses.replace(
        world.site.credentials, identity_file=file, recipients=recipients
    )
    world.site.use_secrets(
        ensure_secrets(world.site.vault, 1, recipients=recipients, identity_file=file)
    )
    return world


async def test_a_new_reign_has_the_secrets_of_the_old_one(operated: World) -> None:
    keep = KeepSecrets(epoch=2, old=1)
    assert not await keep.holds(operated)
    await keep.apply(operated)
    assert await keep.holds(operated)
    await keep.prove(operated)
    kept = read_secrets(operated.site.vault, 2, operated.site.credentials.identity_file)
    assert kept == await operated.site.secrets()


async def test_keeping_them_again_changes_nothing(operated: World) -> None:
    keep = KeepSecrets(epoch=1, old=1)
    before = operated.site.vault.get("epoch-00000001/secrets.age")
    assert await keep.holds(operated)
    await keep.apply(operated)
    assert operated.site.vault.get("epoch-00000001/secrets.age") == before


async def test_other_secrets_under_the_new_reign_are_noticed(operated: World) -> None:
    edge = operated.site.credentials
    ensure_secrets(
        operated.site.vault, 2, recipients=edge.recipients, identity_file=edge.identity_file
    )
    with pytest.raises(Failure, match="epoch 2 are not those of the application"):
        await KeepSecrets(epoch=2, old=1).prove(operated)


def declares(world: World) -> None:
    secrets = {"APP_KEY": SecretConfig(generate="hex"), "SMTP": SecretConfig()}
    world.site.config = world.site.config.model_copy(update={"secrets": secrets})


async def test_what_liferaft_toml_has_drawn_is_there_before_anything_starts(
    operated: World,
) -> None:
    declares(operated)
    keep = KeepSecrets(epoch=1, old=1)
    assert not await keep.holds(operated)
    await keep.apply(operated)
    assert await keep.holds(operated)
    await keep.prove(operated)
    kept = SecretsChain(operated.site.vault).newest(operated.site.credentials.identity_file)
    assert kept is not None
    assert kept.own.keys() == {"APP_KEY"}


async def test_a_failover_brings_the_very_value_that_was_drawn(operated: World) -> None:
    declares(operated)
    await KeepSecrets(epoch=1, old=1).apply(operated)
    chain, identity = (
        SecretsChain(operated.site.vault),
        operated.site.credentials.identity_file,
    )
    drawn = chain.newest(identity)
    await KeepSecrets(epoch=2, old=1).apply(operated)
    assert await KeepSecrets(epoch=2, old=1).holds(operated)
    after = chain.newest(identity)
    assert drawn is not None
    assert after is not None
    assert (after.own, after.told.number) == (drawn.own, drawn.told.number)
