"""The application's secrets live on under each reign, and they stay the same."""

import pytest

from liferaft.config.app_secrets import SecretConfig
from liferaft.failures import Failure
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.secrets import SecretsChain, ensure_secrets, read_secrets
from liferaft.site.world import World


@pytest.fixture
def reigning(operated: World) -> World:
    """The world of an operator who can open the first reign's secrets."""
    edge = operated.site.credentials
    operated.site.use_secrets(
        ensure_secrets(
            operated.site.vault, 1, recipients=edge.recipients, identity_file=edge.identity_file
        )
    )
    return operated


async def test_a_new_reign_has_the_secrets_of_the_old_one(reigning: World) -> None:
    keep = KeepSecrets(epoch=2, old=1)
    assert not await keep.holds(reigning)
    await keep.apply(reigning)
    assert await keep.holds(reigning)
    await keep.prove(reigning)
    kept = read_secrets(reigning.site.vault, 2, reigning.site.credentials.identity_file)
    assert kept == await reigning.site.secrets()


async def test_keeping_them_again_changes_nothing(reigning: World) -> None:
    keep = KeepSecrets(epoch=1, old=1)
    before = reigning.site.vault.get("epoch-00000001/secrets.age")
    assert await keep.holds(reigning)
    await keep.apply(reigning)
    assert reigning.site.vault.get("epoch-00000001/secrets.age") == before


async def test_other_secrets_under_the_new_reign_are_noticed(reigning: World) -> None:
    edge = reigning.site.credentials
    ensure_secrets(
        reigning.site.vault, 2, recipients=edge.recipients, identity_file=edge.identity_file
    )
    with pytest.raises(Failure, match="epoch 2 are not those of the application"):
        await KeepSecrets(epoch=2, old=1).prove(reigning)


def declares(world: World) -> None:
    secrets = {"APP_KEY": SecretConfig(generate="hex"), "SMTP": SecretConfig()}
    world.site.config = world.site.config.model_copy(update={"secrets": secrets})


async def test_what_liferaft_toml_has_drawn_is_there_before_anything_starts(
    reigning: World,
) -> None:
    declares(reigning)
    keep = KeepSecrets(epoch=1, old=1)
    assert not await keep.holds(reigning)
    await keep.apply(reigning)
    assert await keep.holds(reigning)
    await keep.prove(reigning)
    kept = SecretsChain(reigning.site.vault).newest(reigning.site.credentials.identity_file)
    assert kept is not None
    assert kept.own.keys() == {"APP_KEY"}


async def test_a_failover_brings_the_very_value_that_was_drawn(reigning: World) -> None:
    declares(reigning)
    await KeepSecrets(epoch=1, old=1).apply(reigning)
    chain, identity = (
        SecretsChain(reigning.site.vault),
        reigning.site.credentials.identity_file,
    )
    drawn = chain.newest(identity)
    await KeepSecrets(epoch=2, old=1).apply(reigning)
    assert await KeepSecrets(epoch=2, old=1).holds(reigning)
    after = chain.newest(identity)
    assert drawn is not None
    assert after is not None
    assert (after.own, after.told.number) == (drawn.own, drawn.told.number)
