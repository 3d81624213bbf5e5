"""Where the engine's state rests: in the vault that leads, with a copy in each of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liferaft.config import Config, Credentials
from liferaft.failures import BadInput, Failure
from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.state.copies import Copy, copies
from liferaft.provision.engine.state.standing import StateStanding, standing
from liferaft.vault import EveryVault, Vault, layout


def state_in(config: Config, credentials: Credentials, vault_name: str) -> StateLocation:
    """The state's place in one vault: below `APP/state`."""
    vault, keys = config.vaults[vault_name], credentials.vaults[vault_name]
    url = f"{vault.url.rstrip('/')}/{config.app.name}/{layout.STATE}"
    if keys.access_key_id is None or keys.secret_access_key is None:
        return StateLocation(url)
    options = {
        "access_key_id": keys.access_key_id.get_secret_value(),
        "secret_access_key": keys.secret_access_key.get_secret_value(),
        "region": vault.region,
        "virtual_hosted_style_request": "false",
    }
    if vault.endpoint:
        options["endpoint"] = vault.endpoint
    if keys.ca_file:
        options["ca_file"] = str(keys.ca_file)
    return StateLocation(url, options)


def state_places(
    config: Config, credentials: Credentials, vault: Vault
) -> Mapping[str, StateLocation]:
    """The state's place in each vault that answers, the leading one first, by the vault's name.
    Asks the vaults if nobody did before."""
    answering = (
        tuple(one.name for one in vault.answering)
        if isinstance(vault, EveryVault)
        else tuple(config.vaults)
    )
    return {name: state_in(config, credentials, name) for name in answering}


@dataclass(frozen=True)
class SiteState:
    """What is known of one site's state, in all its places."""

    site: str
    standing: StateStanding | None
    """It is None if its place cannot be read; then `trouble` says why."""
    trouble: Failure | None
    copies: Sequence[Copy]
    """The newest first."""


async def site_state(places: Mapping[str, StateLocation], project: str, site: str) -> SiteState:
    """Look in `state_places`, touch nothing. What cannot be read is told, not raised."""
    (_, first), *others = places.items()
    found, trouble = None, None
    try:
        found = await standing(first, project, site)
    except Failure as failure:
        trouble = failure
    return SiteState(site, found, trouble, await copies(dict(others), project, site))


async def copy_in(places: Mapping[str, StateLocation], project: str, site: str, name: str) -> Copy:
    """The copy of a site's state in the vault of a name, of `state_places`. Raises BadInput if
    there is none to restore."""
    _, *others = places.items()
    places = dict(others)
    if name not in places:
        raise BadInput(
            f"Vault {name} holds no copies: they are in {', '.join(places) or 'no vault'}",
            safe="Nothing was done.",
            do="Name one of these."
            if places
            else "Copies are in each vault beside the one that leads, if it answers.",
        )
    found = await copies({name: places[name]}, project, site)
    if not found:
        raise BadInput(
            f"Vault {name} has no readable copy of the state of {site}",
            safe="Nothing was done.",
            do="Look at `liferaft state` for other copies.",
        )
    return found[0]
