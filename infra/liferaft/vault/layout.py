"""Every key of a vault, below the app's own prefix: the one place that knows how they are written.

docs/decisions/003-vault-layout-and-epochs.md says what lies at each, and why the epoch is in it.
What a kind of data keeps below its folder is that kind's own.
"""

import re
from dataclasses import dataclass
from typing import Final

EPOCHS: Final = "epoch"
"""The chain of epochs: who reigns."""
LEASES: Final = "lease"
"""The chain of those who held the operation lease."""
SECRETS: Final = "secrets"
"""The chain of what the application's secrets are since an operator first changed one."""
RUNS: Final = "runs"
"""A folder for each run."""
DRILLS: Final = "drills"
"""A folder with all that drills write: laid out as the vault is."""
DRILL_RUNS: Final = f"{DRILLS}/{RUNS}"
STATE: Final = "state"
"""Of the engine, in Pulumi's own layout: one stack for each site."""
MACHINE_IMAGES: Final = "machine-images"
DEPARTURES: Final = "departures"
AWAY: Final = "away"
"""Notes of vaults that lack something."""
BROUGHT: Final = "brought"
"""What servers said of vaults that lack something, and that they bring it."""
PUT_BACK: Final = "put-back"
"""Notes that a vault was put back to a moment: they are not put back themselves."""
BEGUN: Final = "begun"
"""Below DRILLS: a note for each that may have left something."""
UNFIT: Final = "unfit"
"""Notes of vaults that cannot refuse a second claim."""
TRIED: Final = "tried"
"""Notes of what vaults were seen to keep, and their keys to be allowed."""
KEPT_BY_HOSTS: Final = ("pgbackrest", "bucket", "volume", "images", "certificates")
"""Folders of an epoch that servers write by themselves, into each vault."""
NO_RECORDS: Final = (STATE, AWAY, BROUGHT, PUT_BACK, TRIED, "probe")
"""Folders that are no records: the engine's, and what only says something of a vault."""
_HISTORY: Final = (LEASES, "lease-renewed", RUNS, DRILLS)
_FORGOTTEN: Final = (MACHINE_IMAGES, DEPARTURES, "pins")
_DIGITS: Final = 8
_LINK: Final = re.compile(rf"\d{{{_DIGITS},}}")
_EVENT: Final = re.compile(r"(\d{6,})\.json")


def digits(number: int) -> str:
    """An epoch, or another number of a chain, in eight digits, so that names sort as they count."""
    return f"{number:0{_DIGITS}}"


@dataclass(frozen=True)
class EpochKeys:
    """What belongs to one epoch: what another one writes never mixes with it."""

    epoch: int

    @property
    def folder(self) -> str:
        return f"epoch-{digits(self.epoch)}"

    @property
    def secrets(self) -> str:
        """The app's secrets, sealed for its operators."""
        return f"{self.folder}/secrets.age"

    @property
    def blueprint(self) -> str:
        """What describes the app: configuration, Compose file, program; sealed for its
        operators."""
        return f"{self.folder}/blueprint.age"

    @property
    def release(self) -> str:
        """Which images its last deploy started."""
        return f"{self.folder}/release.json"

    @property
    def kept_certificates(self) -> str:
        """Which certificates a server has kept by itself, and when it looked."""
        return f"{self.folder}/certificates.json"

    @property
    def timeline(self) -> str:
        """The PostgreSQL timeline that it writes."""
        return f"{self.folder}/timeline.json"

    @property
    def destroyed(self) -> str:
        """That its site was deleted, and when."""
        return f"{self.folder}/destroyed.json"

    @property
    def points(self) -> str:
        """The folder of the manifests of its recovery points."""
        return f"{self.folder}/points"

    def point(self, name: str) -> str:
        """The manifest of one recovery point."""
        return f"{self.points}/{name}.json"

    @property
    def verifications(self) -> str:
        """The folder of what came of restoring its points in a scratch place."""
        return f"{self.folder}/verified"

    def verified(self, point: str) -> str:
        """What came of restoring one point in a scratch place, from each vault."""
        return f"{self.verifications}/{point}.json"

    @property
    def all_parts(self) -> str:
        """The folder of what is complete of each recovery point, under the point's name."""
        return f"{self.folder}/parts"

    def parts(self, point: str) -> str:
        """The folder of what is complete of a recovery point that is being taken."""
        return f"{self.all_parts}/{point}"

    def part(self, point: str, kind: str, name: str) -> str:
        """The note that one part of it is complete."""
        return f"{self.parts(point)}/{kind}-{name}.json"

    @property
    def states(self) -> str:
        """The folder of the copies of stacks in its recovery points."""
        return f"{self.folder}/state"

    def state(self, point: str, site: str) -> str:
        """The copy of a site's stack in a recovery point."""
        return f"{self.states}/{point}-{site}.json"

    def data(self, area: str, *names: str) -> str:
        """The folder of a kind of data, or what is below it. Servers write there."""
        return "/".join((self.folder, area, *names))


def link(chain: str, number: int) -> str:
    """One object of a chain, such as EPOCHS or LEASES."""
    return f"{chain}/{digits(number)}"


def link_number(chain: str, key: str) -> int | None:
    """The number of the link at a key; None for what is no link of this chain."""
    name = key.removeprefix(f"{chain}/")
    return int(name) if _LINK.fullmatch(name) else None


def renewal(number: int) -> str:
    """Until when the lease of this number is held: written by its holder alone."""
    return f"lease-renewed/{digits(number)}"


def run(name: str, among: str = RUNS) -> str:
    """The folder of a run's events. among: RUNS or DRILL_RUNS."""
    return f"{among}/{name}"


def run_name(key: str, among: str = RUNS) -> str | None:
    """What the folder of an event is called; None for what lies in no run's folder."""
    name, below, _ = key.removeprefix(f"{among}/").partition("/")
    return name if below and key.startswith(f"{among}/") else None


def event(name: str, seq: int, among: str = RUNS) -> str:
    """One event of a run."""
    return f"{run(name, among)}/{seq:06}.json"


def event_number(name: str, key: str, among: str = RUNS) -> int | None:
    """The number of the event at a key; None for what is no event of this run."""
    found = _EVENT.fullmatch(key.removeprefix(f"{run(name, among)}/"))
    return int(found[1]) if found else None


def report(name: str, form: str, among: str = RUNS) -> str:
    """The report of a run as `html` or `json`; `html.sig` and `json.sig` sign them."""
    return f"{run(name, among)}/report.{form}"


def machine_image(site: str) -> str:
    """Which machine image new servers of a site boot from."""
    return f"{MACHINE_IMAGES}/{site}.json"


def bucket_name(site: str, data: str) -> str:
    """What the bucket of a data set is called at a site."""
    return f"bucket-names/{site}/{data}.json"


def pins(site: str) -> str:
    """The folder of the host keys of a site's servers."""
    return f"pins/{site}"


def pin(site: str, server: str) -> str:
    """The host key of one server."""
    return f"{pins(site)}/{server}.json"


def departures_from(address: str) -> str:
    """The folder of when the app's name left an address."""
    return f"{DEPARTURES}/{address}"


def departure(address: str, vendor: str) -> str:
    """When it left it at one DNS vendor, and for how long resolvers may not know."""
    return f"{departures_from(address)}/{vendor}.json"


def away(vault: str) -> str:
    """That a vault lacks what was written since it was away: in each of those that answered."""
    return f"{AWAY}/{vault}.json"


def brought(vault: str) -> str:
    """What servers said last of what a vault lacks: in each of those that answered."""
    return f"{BROUGHT}/{vault}.json"


def is_of_an_epoch(folder: str) -> bool:
    """Whether a folder at the top is that of one epoch."""
    return folder.startswith(f"{EPOCHS}-")


def is_epoch(key: str) -> bool:
    """Whether a key is a link of the chain of epochs."""
    return link_number(EPOCHS, key) is not None


def is_link(key: str) -> bool:
    """Whether a key is a link of a chain: one of them has it."""
    return any(link_number(chain, key) is not None for chain in (EPOCHS, LEASES, SECRETS))


def is_history(key: str) -> bool:
    """Whether it only tells what was done, and by whom: nothing is decided by an old one."""
    return key.partition("/")[0] in _HISTORY


def is_claim(key: str) -> bool:
    """Whether it is created once and never changed: who created it first is right."""
    folder, _, name = key.partition("/")
    if folder in (RUNS, DRILLS):  # a report is written anew when its run goes on
        return _EVENT.fullmatch(name.rpartition("/")[2]) is not None
    return folder in (EPOCHS, LEASES, SECRETS) or (is_of_an_epoch(folder) and name == "secrets.age")


def is_forgotten(key: str) -> bool:
    """Whether it is deleted once it is not true any more."""
    return key.partition("/")[0] in _FORGOTTEN or key.startswith(f"{DRILLS}/{BEGUN}/")


def put_back(moment: str, what: str) -> str:
    """That a vault is being put back to a moment (`20261129T091400Z`), or was: in itself."""
    return f"{PUT_BACK}/{moment}/{what}.json"


def is_of_putting_back(key: str) -> bool:
    """Whether a key tells of a vault that was put back, and so is left as it is."""
    return key.startswith(f"{PUT_BACK}/")


def unfit(vault: str) -> str:
    """That a vault cannot refuse a second claim: in each of them."""
    return f"{UNFIT}/{vault}.json"


def tried(vault: str) -> str:
    """What a vault's store and keys were seen to do when they were tried last: in each of them."""
    return f"{TRIED}/{vault}.json"


def probe(nonce: str) -> str:
    """The folder of what a vault is tried with before it is trusted."""
    return f"probe/{nonce}"


def begun_drill(run: str) -> str:
    """That a drill made things at a cloud, until they are known to be deleted: below DRILLS."""
    return f"{BEGUN}/{run}.json"


def named(key: str) -> str:
    """The site, server or vault that the last part of a key names."""
    return key.rpartition("/")[2].removesuffix(".json")
