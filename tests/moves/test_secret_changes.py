"""A change of secrets is made under the lease, from what there is, and keeps nothing in vain."""

from collections.abc import Callable

import pytest

from liferaft.failures import BadInput
from liferaft.journal import LeaseHeld, hold_lease
from liferaft.moves.secret_changes import change_secrets
from liferaft.secrets import KeptSecrets, SecretsChain, SetSecret, ensure_secrets, read_secrets
from liferaft.site.world import World

SAID = SetSecret("2026-11-30T08:00:00+00:00", "ann@desk")


def setting(value: str) -> Callable[[KeptSecrets], KeptSecrets]:
    return lambda before: before.with_own("KEY", value, SAID)


async def change(world: World, value: str) -> KeptSecrets:
    return await change_secrets(world.site, "secrets set KEY", setting(value), take_over=False)


async def test_a_secret_is_changed_and_liferafts_own_stay(operated: World) -> None:
    site, identity = operated.site, operated.site.credentials.identity_file
    old = ensure_secrets(
        site.vault, 1, recipients=site.credentials.recipients, identity_file=identity
    )
    await change(operated, "one")
    kept = await change(operated, "two")
    assert (kept.told.number, kept.own["KEY"].get_secret_value()) == (2, "two")
    assert read_secrets(site.vault, 1, identity) == old


async def test_while_a_move_is_under_way_no_secret_is_changed(operated: World) -> None:
    async with hold_lease(operated.site.vault, "run-1", what="deploy of east"):
        with pytest.raises(LeaseHeld, match="deploy of east"):
            await change(operated, "one")
    assert SecretsChain(operated.site.vault).told() is None
    await change(operated, "one")


async def test_what_changes_nothing_makes_no_link(operated: World) -> None:
    await change(operated, "one")
    kept = await change(operated, "one")
    assert kept.told.number == 1


async def test_a_change_that_is_refused_keeps_nothing_and_gives_the_lease_back(
    operated: World,
) -> None:
    def refuse(_: KeptSecrets) -> KeptSecrets:
        raise BadInput("no")

    with pytest.raises(BadInput):
        await change_secrets(operated.site, "secrets edit", refuse, take_over=False)
    assert SecretsChain(operated.site.vault).told() is None
    await change(operated, "one")
