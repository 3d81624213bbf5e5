"""Who can open the application's secrets and its blueprint: who comes, goes, and proves it."""

import asyncio

from liferaft.failures import Refused
from liferaft.moves.secret_changes import change_secrets
from liferaft.recovery import blueprint
from liferaft.secrets import CannotOpen, KeptSecrets, unseal
from liferaft.secrets.box import seal
from liferaft.site.own_secrets import keeper_of
from liferaft.site.site import Site
from liferaft.vault import EpochChain


async def let_in(site: Site, recipient: str, *, take_over: bool) -> KeptSecrets:
    """Secrets and blueprint are for this operator as well, in every vault."""
    kept = await change_secrets(
        site,
        "secrets add-operator",
        lambda before: before.with_operator(recipient),
        take_over=take_over,
    )
    await asyncio.to_thread(_blueprint, site, kept)
    return kept


async def shut_out(site: Site, recipient: str, *, take_over: bool) -> KeptSecrets:
    """What is kept from here on is for everybody but this operator, who is not in liferaft.toml any
    more. What they could open before, they may have. Raises Refused for who shuts themself out."""
    require_another(site, recipient)
    kept = await change_secrets(
        site,
        "secrets remove-operator",
        lambda before: before.without_operator(recipient),
        take_over=take_over,
    )
    await asyncio.to_thread(_blueprint, site, kept)
    return kept


async def prove(site: Site, *, take_over: bool) -> KeptSecrets:
    """It is noted that this identity opens the secrets: by the words of its canaries, and by the
    link itself, which was opened for it."""
    keeper = keeper_of(site)
    return await change_secrets(
        site,
        "secrets prove",
        lambda before: before.with_proof(keeper.identity_file, keeper.by, keeper.at),
        take_over=take_over,
    )


def require_another(site: Site, recipient: str) -> None:
    """Raise Refused where the identity at hand is this operator's alone: by a trial."""
    others = [one for one in site.credentials.recipients if one != recipient]
    try:
        if others:
            unseal(seal({}, others), site.credentials.identity_file)
            return
    except CannotOpen:
        pass
    raise Refused(
        "Your own identity would not open the secrets any more",
        safe="Nothing was changed.",
        do="Let another operator remove you.",
    )


def _blueprint(site: Site, kept: KeptSecrets) -> None:
    current = EpochChain(site.vault).current()
    if current is not None:
        operators, identity = tuple(kept.told.operators), site.credentials.identity_file
        blueprint.seal_anew(site.vault, current.epoch, identity, operators)
