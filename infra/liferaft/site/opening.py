"""A site opened from the environment: credentials resolved, the engine chosen. Asks nobody yet."""

from collections.abc import Mapping
from functools import partial

from liferaft.clouds.registry import is_for_clouds
from liferaft.config import Config, resolve
from liferaft.provision.engine.choice import choose
from liferaft.provision.engine.state.copies import Copying
from liferaft.site.site import Site
from liferaft.site.state import state_places
from liferaft.vault import EveryVault, Vault


def open_to_work(
    name: str, config: Config, vault: Vault, environ: Mapping[str, str], *, secrets_epoch: int
) -> Site:
    """To run a plan: with the keys of the site's bucket, and the secrets of that epoch.

    Raises VariablesMissing or VariablesUnusable, naming all at once.
    """
    return _opened(name, config, vault, environ, site=name, secrets_epoch=secrets_epoch)


def open_to_look(
    name: str,
    config: Config,
    vault: Vault,
    environ: Mapping[str, str],
    *,
    secrets_epoch: int | None = None,
    asks_cloud: bool = True,
) -> Site:
    """To look at it, without its bucket's keys.

    secrets_epoch: None where the app's secrets are not needed. asks_cloud: whether the site's cloud
    is asked; else what is wrong with its credentials is no matter. Raises as `open_to_work`.
    """
    asked = name if asks_cloud else None
    return _opened(name, config, vault, environ, asked=asked, secrets_epoch=secrets_epoch)


def _opened(
    name: str,
    config: Config,
    vault: Vault,
    environ: Mapping[str, str],
    *,
    secrets_epoch: int | None,
    site: str | None = None,
    asked: str | None = None,
) -> Site:
    credentials = resolve(config, environ, site=site, asked=asked)
    return Site(
        name=name,
        config=config,
        credentials=credentials,
        environment={key: value for key, value in environ.items() if is_for_clouds(key)},
        vault=vault,
        engine=Copying(
            choose(config.app.engine, environ),
            partial(state_places, config, credentials, vault),
            vault.note_away if isinstance(vault, EveryVault) else _nobody_to_tell,
        ),
        secrets_epoch=secrets_epoch,
    )


def _nobody_to_tell(name: str, why: str) -> None:
    """One vault has no copies."""
