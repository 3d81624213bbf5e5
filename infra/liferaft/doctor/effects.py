"""What is broken while a vendor is out: users, copies of data, moves. Pure.

It is computed of the configuration, and of what vaults and standbys are known to have now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft.config import Config
from liferaft.data import registry
from liferaft.moves.vendors import VendorUses


@dataclass(frozen=True)
class Footing:
    """What there is today.

    Attributes:
        home: the site where the application is.
        vaults: those that answer, and that it could come back from if any has something.
        keeping: those of them that have a recovery point.
    """

    home: str | None
    vaults: tuple[str, ...]
    keeping: tuple[str, ...]


@dataclass(frozen=True)
class OutageEffect:
    """What a second without one vendor breaks.

    Attributes:
        pieces: thing by thing, as parts of a sentence.
        obstacles: why no failover at all would work.
        are_users_served: whether the application goes on.
        copies: by data set, where a copy is left.
        moves: those that could not be made, and why.
    """

    pieces: tuple[str, ...]
    obstacles: tuple[str, ...]
    are_users_served: bool
    copies: Mapping[str, tuple[str, ...]]
    moves: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {
            "are_users_served": self.are_users_served,
            "copies": {name: list(left) for name, left in self.copies.items()},
            "moves": dict(self.moves),
        }


def effect_of(config: Config, there: Footing, uses: VendorUses) -> OutageEffect:
    left = tuple(name for name in there.vaults if name not in uses.vaults)
    is_home = there.home in uses.sites
    live = () if is_home or there.home is None else (f"site {there.home}",)
    copies = (*live, *(f"vault {name}" for name in left if name in there.keeping))
    return OutageEffect(
        tuple(_pieces(config, there, uses)),
        tuple(_obstacles(config, there, uses)),
        not is_home,
        {name: copies for kind, name in registry.kept(config) if kind.is_of_app},
        dict(_moves(config, there, uses, left)),
    )


def _pieces(config: Config, there: Footing, uses: VendorUses) -> Iterator[str]:
    """What is broken, thing by thing."""
    home = there.home
    if home in uses.sites:
        flowing = [name for kind, name in registry.kept(config) if kind.flows]
        lost = f", what no vault has yet of {listed(flowing)} is lost" if flowing else ""
        yield (
            f"users of {home} are served no more{lost}, and there is no deploy, snapshot or drill "
            "until the application was moved"
        )
    for site in uses.sites:
        if site != home:
            yield f"there is no failover, deploy or drill to {site}"
    for site in uses.stores:
        yield f"the application at {site} has no store for its objects"
    for vault in uses.vaults:
        others = [name for name in there.vaults if name not in uses.vaults]
        if others:
            yield f"vault {vault} gets nothing, and vault {listed(others)} goes on by itself"
        else:
            yield f"vault {vault} gets nothing, and WAL fills the database's disk meanwhile"
    for vendor in uses.dns:
        yield f"DNS vendor {vendor} takes no change"
    if uses.issues_certificates:
        yield (
            "no certificate is renewed; a failover brings those that are kept, and a first deploy "
            "gets none"
        )


def _obstacles(config: Config, there: Footing, uses: VendorUses) -> Iterator[str]:
    """Why a failover would not work without this vendor."""
    gone = {there.home, *uses.sites, *uses.stores}
    if not [name for name in config.sites if name not in gone]:
        yield "no site is left to move to"
    if set(there.vaults) <= set(uses.vaults):
        yield "no vault is left to come back from"
    if uses.dns:
        yield f"it ends where the name cannot be moved at DNS vendor {listed(uses.dns)}"


def _moves(
    config: Config, there: Footing, uses: VendorUses, left: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """left: vaults that are. A move keeps its journal in a vault, whatever it is about."""
    no_vault = "" if left else "no vault is left"
    no_dns = f"DNS vendor {listed(uses.dns)} takes no change" if uses.dns else ""
    home = there.home
    if home is not None:
        is_out = f"{home} is out" if home in uses.sites else ""
        if why := is_out or no_vault or no_dns:
            yield "deploy", why
        if why := is_out or no_vault:
            yield "snapshot", why
    for site in config.sites:
        if site == home:
            continue
        out = f"{site} is out" if site in uses.sites else ""
        stored = f"{site} has no store" if site in uses.stores else ""
        if why := out or stored or no_vault or no_dns:
            yield f"failover {site}", why
        if why := out or stored or no_vault:
            yield f"drill {site}", why


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
