"""What the doctor examines: an application as its configuration, vaults and sites show it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Final

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.config import Config, Credentials, resolve
from liferaft.dns.rdap import Registries
from liferaft.evidence.standing import standing
from liferaft.evidence.watch import Watched, watch
from liferaft.failures import Failure, Refused
from liferaft.moves.facts import require_site
from liferaft.moves.systems import system_of
from liferaft.site.opening import open_to_look
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import EpochChain, EpochRecord, Vault
from liferaft.vault.asking import Question

BRIEF: Final = Patience(attempts=2, budget=10.0)
"""Of what does not answer it is told so, and it is not asked for a minute."""
LOOK_SECONDS: Final = 15.0
"""For the first question, on which all others wait: several vaults have their own few seconds."""


@dataclass(frozen=True)
class Patient:
    """The application of one configuration, at one moment.

    Attributes:
        config: with the system that the application runs.
        declared: as liferaft.toml says it.
        asked_for: the site that the operator names; None: all of them.
        current: the epoch; None before the first deploy, and where `trouble` says why nobody knows.
        trouble: what kept the vaults from saying who reigns.
        registries: whom it is asked when the domain's registration ends.
    """

    config: Config
    declared: Config
    vault: Vault
    environ: Mapping[str, str] = field(repr=False)
    now: datetime
    asked_for: str | None = None
    current: EpochRecord | None = None
    trouble: Failure | None = None
    registries: Registries = field(default_factory=Registries)
    _one_looks: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        config: Config,
        vault: Vault,
        environ: Mapping[str, str],
        *,
        site: str | None = None,
        now: datetime | None = None,
    ) -> "Patient":
        """Asks the vaults who reigns, and for nothing else. Blocks. Raises BadInput for a site that
        the configuration does not name."""
        if site is not None:
            require_site(config, site)
        moment = now or datetime.now(UTC)
        try:
            current = _epoch_in_time(vault)
        except Failure as trouble:
            return cls(config, config, vault, environ, moment, site, trouble=trouble)
        used = config
        if current is not None:
            with suppress(Refused):  # another version's system: it is told by a question of its own
                used = config.on(system_of(current))
        return cls(used, config, vault, environ, moment, site, current)

    @property
    def home(self) -> str | None:
        """The site where the application is; the declared primary where nobody knows. None where
        the configuration has it no more."""
        name = self.current.site if self.current else self.config.primary
        return name if name in self.config.sites else None

    @property
    def standbys(self) -> tuple[str, ...]:
        """Sites that the application could move to: the one that was asked for, or all."""
        names = (self.asked_for,) if self.asked_for else tuple(self.config.sites)
        return tuple(name for name in names if name != self.home)

    @property
    def sites(self) -> tuple[str, ...]:
        """Those that are asked about: the application's own first."""
        return (*([self.home] if self.home else []), *self.standbys)

    @property
    def watched(self) -> Watched:
        """What `status` says of the vaults, looked for once for all questions, whatever comes of
        it. Blocks. Raises VaultFailure, Damaged."""
        with self._one_looks:
            found = self._look
        if isinstance(found, Failure):
            raise found
        return found

    @cached_property
    def _look(self) -> Watched | Failure:
        try:
            found = standing(self.config, self.vault, self.now)
            return watch(self.config, self.vault, found, self.now)
        except Failure as failure:
            return failure

    @property
    def credentials(self) -> Credentials:
        """But for the sites'. Raises BadInput."""
        return resolve(self.config, self.environ)

    def site(self, name: str, *, asks_cloud: bool = True) -> Site:
        """A site to look at. Raises BadInput for what its cloud's variables lack."""
        epoch = self.current.epoch if self.current else None
        return open_to_look(
            *(name, self.config, self.vault, self.environ),
            secrets_epoch=epoch,
            asks_cloud=asks_cloud,
        )

    def cloud(self, name: str) -> Cloud:
        """A site's cloud, which is not insisted on. Raises BadInput."""
        return self.site(name).cloud(BRIEF)

    def world(self, name: str) -> World:
        """A site with connections to its servers, of which none is opened yet."""
        return World.of(self.site(name, asks_cloud=False))


def _epoch_in_time(vault: Vault) -> EpochRecord | None:
    """A single vault is waited for as long as it takes elsewhere; here it is told as silent. Raises
    VaultFailure, Damaged."""
    doing = "asking who reigns"
    asked = Question(vault, doing, lambda one: EpochChain(one).current(), grace=LOOK_SECONDS)
    return asked.in_time()
