"""The site of a drill: what liferaft.toml would say of it, and how it is opened.

It stands beside the standby, under a name of its own, and shares nothing with it: not the network,
not the address, not the bucket, not a record in any vault.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from liferaft.clouds.registry import CA_FILE, entry
from liferaft.compose import application, secret_values
from liferaft.compose.application import Compose
from liferaft.compose.secret_marks import told_in_secret
from liferaft.compose.service import Service
from liferaft.config import Config, Credentials, resolve
from liferaft.config.credentials import VaultCredentials
from liferaft.config.drill_check import CheckCommand
from liferaft.config.snapshots import SnapshotsConfig
from liferaft.failures import BadInput
from liferaft.moves.trial_costs import unpriced
from liferaft.provision.engine.choice import choose
from liferaft.provision.engine.contract import StateLocation
from liferaft.secrets import SecretsChain, lacking
from liferaft.site import own_secrets
from liferaft.site.site import Site
from liferaft.site.workload import wanted
from liferaft.vault import (
    CheckedVault,
    EveryVault,
    KeyMissing,
    Vault,
    layout,
    vaults_apart,
)
from liferaft.vault.apart import ApartVault
from liferaft.vault.denied import DeniedVault

SUFFIX = "-drill"


def trial_site(standby: str) -> str:
    """What the site of a drill of this standby is called."""
    return f"{standby}{SUFFIX}"


def trial_config(config: Config, standby: str) -> Config:
    """The configuration as a drill of this site has it: its own site, no DNS vendor, and no server
    that keeps anything by itself. Raises BadInput."""
    name = trial_site(standby)
    if standby not in config.sites:
        raise BadInput(
            f"liferaft.toml names no site {standby}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(sorted(config.sites))}",
        )
    if name in config.sites:
        raise BadInput(
            f"liferaft.toml names a site {name}, as the site of a drill of {standby} is called",
            safe="Nothing was done.",
            do=f"Call site {name} otherwise.",
        )
    declared = config.sites[standby].model_copy(update={"role": "standby"})
    return config.model_copy(
        update={
            "sites": {**config.sites, name: declared},
            "dns": config.dns.model_copy(update={"vendors": {}}),
            "snapshots": SnapshotsConfig(),
        }
    )


def require_described(config: Config) -> None:
    """Raise BadInput where [drill] names what the Compose file has not. Reads that. Blocks."""
    services = application.described(config).services
    told = {name for each in services.values() for name, _ in each.environment}
    wrong = [
        f"drill.run names {name}, which is no service"
        for name in config.drill.run
        if name not in services
    ] + [
        f"drill.environment names {name}, which no service is told under `environment`"
        for name in config.drill.environment
        if name not in told
    ]
    wrong += _misdirected(config, services)
    wrong += unpriced(config)
    if wrong:
        raise BadInput(
            "\n".join(wrong),
            safe="Nothing was done.",
            do=f"Correct [drill] in liferaft.toml: services of {config.app.compose.name} are "
            f"{', '.join(services)}.",
        )


def require_secrets(config: Config, vault: Vault) -> None:
    """Raise BadInput for secrets without a value that a drill's services would be told: it draws
    none. vault: as the drill sees it. Blocks."""
    instead = told_in_secret(config.drill.environment, config.secrets)
    whole = application.told_instead(wanted(config), instead)
    named = [name for name in config.drill.run if name in whole.services]
    ending = application.ending_services(whole)
    services = {*application.on_trial(whole, named, {}).services, *ending}
    used = secret_values.used(application.only(whole, services))
    if used:
        told = SecretsChain(vault).told()
        absent = lacking({name: config.secrets[name] for name in used}, told)
        own_secrets.require_set({name: used[name] for name in absent})


def _misdirected(config: Config, services: Mapping[str, Service]) -> Iterator[str]:
    """Why the check would ask nobody of the drill."""
    asked = config.drill.check
    if isinstance(asked, str) and urlsplit(asked).hostname != config.app.domain:
        yield f"drill.check asks {urlsplit(asked).hostname}, not {config.app.domain}"
    if isinstance(asked, CheckCommand) and asked.service not in services:
        yield f"drill.check runs in {asked.service}, which is no service"
    elif isinstance(asked, CheckCommand):
        known = [name for name in config.drill.run if name in services]
        if asked.service not in application.on_trial(Compose(services), known, {}).services:
            yield (
                f"drill.check runs in {asked.service}, which a drill does not start: name it in "
                "drill.run"
            )


def apart(vault: Vault, standby: str, denied: Collection[str] = ()) -> Vault:
    """All vaults as a drill sees them: read, and never written to. The machine image of the standby
    is that of the drill's site. denied: names of those that never answer it. Asks the others once.
    Raises VaultUnavailable where none is left."""
    copies = [
        CheckedVault(DeniedVault(one.name) if one.name in denied else ApartVault(_raw(one)))
        for one in vaults_apart(vault)
    ]
    seen: Vault = copies[0] if len(copies) == 1 else EveryVault(copies)
    try:
        image = seen.get(layout.machine_image(standby))
    except KeyMissing:
        return seen
    seen.put(layout.machine_image(trial_site(standby)), image)
    return seen


def open_trial(
    config: Config,
    vault: Vault,
    environ: Mapping[str, str],
    *,
    standby: str,
    secrets_epoch: int,
    state: Path,
) -> Site:
    """The site of a drill. Its servers get keys that may only read, and the engine the credentials
    of this site's cloud alone. config, vault: by the functions above; state: a folder on this
    machine where the engine keeps its state. Raises VariablesMissing, VariablesUnusable."""
    name = trial_site(standby)
    found = resolve(config, environ, site=standby)
    prefixes = entry(config.sites[name].cloud).variables
    return Site(
        name=name,
        config=config,
        credentials=_reading(found, standby, name),
        environment={key: value for key, value in environ.items() if _is_for(key, prefixes)},
        vault=vault,
        engine=choose(config.app.engine, environ),
        secrets_epoch=secrets_epoch,
        state_at=StateLocation(f"file://{state}"),
        ends_after=None if config.sites[name].machines else longest_hours(config),
    )


def longest_hours(config: Config) -> int:
    """Whole hours, from one on, after which servers switch themselves off. Not rented machines:
    nobody here could switch them on again, and they cost the same."""
    return -(-int(config.drill.deadline.total_seconds()) // 3600)


def _is_for(variable: str, prefixes: Sequence[str]) -> bool:
    return variable.startswith((*prefixes, CA_FILE))


def _reading(found: Credentials, standby: str, name: str) -> Credentials:
    return replace(
        found,
        vaults={vault: _only_reading(keys) for vault, keys in found.vaults.items()},
        buckets={name: found.buckets[standby]} if standby in found.buckets else {},
        host_keys={**found.host_keys, name: found.host_keys.get(standby, {})},
        ping_url=None,
    )


def _only_reading(keys: VaultCredentials) -> VaultCredentials:
    reading = keys.for_reading()
    return replace(reading, hosts=None, reading=None)


def _raw(vault: Vault) -> Vault:
    return vault.raw if isinstance(vault, CheckedVault) else vault
