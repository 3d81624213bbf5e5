"""Vendors that a drill is played without: what their names stand for, and what that changes. Pure.

Names are those of liferaft.toml: vaults, DNS vendors, clouds; and those below, of what it has one
of. A name that two have stands for both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from liferaft.config import Config
from liferaft.config.urls import HTTPS_PORT
from liferaft.failures import BadInput
from liferaft.hosts.isolation.allowed import Callee
from liferaft.moves.vendors import (
    VendorUses,
    host_of_dns,
    hosts_of,
    vendor_of_vault,
    vendors_of,
)
from liferaft.site.reach import store_of

CA: Final = "ca"
"""The authority that `tls.acme_directory` names."""
MIRROR: Final = "mirror"
"""Wherever servers install Debian's packages from."""
REGISTRY: Final = "registry"
"""Of container images: any."""


@dataclass(frozen=True)
class MissingVendors:
    """What a drill goes without.

    Attributes:
        names: as they were asked for.
        vaults: those that are denied, in the order of liferaft.toml.
        called: whom the drill's servers call, and must not reach.
        hosts: names and addresses that the drill's own command must not reach; a name stands for
            all below it as well.
        without_mirror: whether servers are shut before anything is installed on them.
        told: what it changes, and where it changes nothing: a sentence each.
    """

    names: tuple[str, ...] = ()
    vaults: tuple[str, ...] = ()
    called: tuple[Callee, ...] = ()
    hosts: tuple[str, ...] = ()
    without_mirror: bool = False
    told: tuple[str, ...] = ()


NONE_MISSING: Final = MissingVendors()


@dataclass(frozen=True)
class _NamedVendor:
    """What one name stands for."""

    config: Config
    standby: str
    name: str

    @property
    def is_cloud(self) -> bool:
        """Of another site than the one that is tried."""
        return self.name in _other_clouds(self.config, self.standby)

    @property
    def uses(self) -> VendorUses:
        """What a cloud is to the application besides; nothing for whoever is none."""
        found = (one for one in vendors_of(self.config) if one.vendor == self.name)
        nothing = VendorUses(self.name)
        return next(found, nothing) if self.is_cloud else nothing

    @property
    def vaults(self) -> tuple[str, ...]:
        own = (self.name,) if self.name in self.config.vaults else ()
        return (*own, *self.uses.vaults)

    @property
    def dns(self) -> tuple[str, ...]:
        own = (self.name,) if self.name in self.config.dns.vendors else ()
        return (*own, *self.uses.dns)

    @property
    def has_ca(self) -> bool:
        return self.name == CA or self.uses.issues_certificates

    def hosts(self) -> Iterator[str]:
        """Not those of vaults: the drill's own records go there, past what is tried."""
        if self.is_cloud:
            yield from hosts_of(self.name)
        for vendor in self.dns:
            if (host := host_of_dns(self.config, vendor)) is not None:
                yield host
        if self.has_ca:
            yield _authority(self.config).name

    def told(self) -> Iterator[str]:
        """What it changes, but for vaults."""
        if self.is_cloud:
            yield (
                f"Cloud {self.name}: a drill of {self.standby} asks nothing of it; names of its "
                "hosts are denied all the same."
            )
        for vendor in self.dns:
            yield (
                f"DNS vendor {vendor}: no drill asks one, so nothing is different here. A failover "
                "ends only once the name could be moved at this one too."
            )
        if self.has_ca:
            yield (
                "The certificate authority: no drill orders a certificate, so that the one which "
                "comes back has to be valid in any case. Servers call it, and must not reach it."
            )
        if self.name == MIRROR:
            yield (
                "Debian's mirror: servers are shut before anything is installed on them, so that "
                "what their machine image lacks is lacking."
            )
        if self.name == REGISTRY:
            yield (
                "Registries of images: no move asks one, so nothing is different here. Images come "
                "out of the vaults."
            )


def deniable(config: Config, standby: str) -> tuple[str, ...]:
    """All names that a drill of this standby can be denied."""
    named = (*config.vaults, *config.dns.vendors, *_other_clouds(config, standby))
    return tuple(dict.fromkeys((*named, CA, MIRROR, REGISTRY)))


def surprises(config: Config, standby: str) -> tuple[str, ...]:
    """Of these, the names that change something in a drill and leave it a way: in turn by seed."""
    found = {name: _NamedVendor(config, standby, name).vaults for name in deniable(config, standby)}
    return tuple(
        name
        for name, vaults in found.items()
        if name == MIRROR
        or (len(config.vaults) > len(set(vaults)) > 0 and _is_apart(config, standby, vaults))
    )


def picked(config: Config, standby: str, seed: int) -> str:
    """The one that a seed stands for: the next seed is the next vendor."""
    names = surprises(config, standby)
    return names[seed % len(names)]


def missing_vendors(config: Config, standby: str, names: Sequence[str]) -> MissingVendors:
    """What these names stand for. Raises BadInput for a name that nothing has, for the cloud where
    the drill plays, and for a vault that lies at the host of another one."""
    asked = tuple(_NamedVendor(config, standby, name) for name in dict.fromkeys(names))
    _require_known(config, standby, names)
    gone = {vault for one in asked for vault in one.vaults}
    vaults = tuple(vault for vault in config.vaults if vault in gone)
    _require_apart(config, standby, vaults)
    stores = [store_of(config.vaults[vault]) for vault in vaults]
    called = [Callee(*store) for store in stores if store is not None]
    if any(one.has_ca for one in asked):
        called.append(_authority(config))
    return MissingVendors(
        tuple(one.name for one in asked),
        vaults,
        tuple(called),
        tuple(dict.fromkeys(host for one in asked for host in one.hosts())),
        any(one.name == MIRROR for one in asked),
        (*_told_of_vaults(config, vaults), *(said for one in asked for said in one.told())),
    )


def _require_known(config: Config, standby: str, names: Sequence[str]) -> None:
    known, here = deniable(config, standby), config.sites[standby].cloud
    for name in names:
        if name not in known:
            raise BadInput(
                f"A drill of {standby} plays at {name}, and cannot go without it"
                if name == here
                else f"No vendor is called {name}",
                safe="Nothing was done.",
                do=f"Deny one of: {', '.join(known)}",
            )


def _require_apart(config: Config, standby: str, vaults: Sequence[str]) -> None:
    """Servers are denied a vault by its host: what they may reach lies at others."""
    if here := [vault for vault in vaults if _is_at(config, standby, vault)]:
        raise BadInput(
            f"Vault {here[0]} is a store of whoever {standby} is at: its servers cannot be denied "
            "one without the other",
            safe="Nothing was done.",
            do="Try a site that is elsewhere. A vault at a standby's own vendor is lost with it.",
        )
    if shared := _shared(config, vaults):
        raise BadInput(
            f"Vault {shared[0]} and vault {shared[1]} lie at the same host: servers cannot be "
            "denied one without the other",
            safe="Nothing was done.",
            do=f"Deny both, `--deny {shared[0]} --deny {shared[1]}`: who has that host has both.",
        )


def _is_apart(config: Config, standby: str, vaults: Sequence[str]) -> bool:
    try:
        _require_apart(config, standby, vaults)
    except BadInput:
        return False
    return True


def _is_at(config: Config, standby: str, vault: str) -> bool:
    """Whether a vault may lie at the host where the site's own objects do."""
    site, store = config.sites[standby], store_of(config.vaults[vault])
    if site.objects is not None:
        return store is not None and store[0] == urlsplit(site.objects.endpoint).hostname
    return vendor_of_vault(config, vault) == site.cloud


def _shared(config: Config, vaults: Sequence[str]) -> tuple[str, str] | None:
    """One of these vaults, and another one at its host."""
    for vault in vaults:
        for other in config.vaults:
            mine, theirs = store_of(config.vaults[vault]), store_of(config.vaults[other])
            if other not in vaults and mine and theirs and mine[0] == theirs[0]:
                return vault, other
    return None


def _other_clouds(config: Config, standby: str) -> tuple[str, ...]:
    here = config.sites[standby].cloud
    return tuple(site.cloud for site in config.sites.values() if site.cloud != here)


def _authority(config: Config) -> Callee:
    directory = urlsplit(config.tls.acme_directory)
    return Callee(directory.hostname or "", directory.port or HTTPS_PORT)


def _told_of_vaults(config: Config, vaults: Sequence[str]) -> Iterator[str]:
    left = [vault for vault in config.vaults if vault not in vaults]
    goes_by = f"it goes by {' and '.join(left)} alone" if left else "no vault is left to it"
    for vault in vaults:
        yield f"Vault {vault} is denied to this drill's command and to its servers: {goes_by}."
