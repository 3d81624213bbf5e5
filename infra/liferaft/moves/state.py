"""Where the engine's state rests: in the first vault, with a copy in each of the others."""

from collections.abc import Mapping

from liferaft.config import Config, Credentials
from liferaft.provision.engine.contract import StateLocation

STATE = "state"
"""Below the app's prefix in a vault: Pulumi's own layout, one stack for each site."""


def state_in(config: Config, credentials: Credentials, vault_name: str) -> StateLocation:
    """The state's place in one vault: below `APP/state`."""
    vault, keys = config.vaults[vault_name], credentials.vaults[vault_name]
    url = f"{vault.url.rstrip('/')}/{config.app.name}/{STATE}"
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


def state_copies(config: Config, credentials: Credentials) -> Mapping[str, StateLocation]:
    """The places of copies, by the vault's name: every vault but the first."""
    _, *others = config.vaults
    return {name: state_in(config, credentials, name) for name in others}
