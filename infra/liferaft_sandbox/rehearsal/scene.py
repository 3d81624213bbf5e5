"""Where a rehearsal plays: from which site to which one, and the application's folder for that."""

import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from liferaft.failures import BadInput
from liferaft_sandbox.addresses import COLO_MACHINES, VAULT_BUCKET, depot_bucket
from liferaft_sandbox.lab.systems import DEFAULT, chosen_system

CLOUD_OF = {"aws-east": "aws", "gcp": "gcp", "hetzner": "hetzner", "colo": "colo"}
"""Cloud by site of the sample application."""
_SECTION = re.compile(r"\[(?P<name>[^]]+)\]")
_ROLE = re.compile(r"\s*role\s*=")
_TTL = re.compile(r"\s*ttl\s*=")


@dataclass(frozen=True)
class Pair:
    """Two sites: one that reigns and falls, one that takes over."""

    primary: str
    standby: str

    def __post_init__(self) -> None:
        for site in (self.primary, self.standby):
            if site not in CLOUD_OF:
                raise BadInput(
                    f"There is no site {site}.", do=f"Choose from {', '.join(CLOUD_OF)}."
                )
        if self.primary == self.standby:
            raise BadInput("A site cannot take over from itself.")

    @property
    def name(self) -> str:
        """Such as aws-east-to-gcp."""
        return f"{self.primary}-to-{self.standby}"

    @property
    def cloud(self) -> str:
        """The cloud that will drop its customer."""
        return CLOUD_OF[self.primary]


PAIRS = tuple(itertools.starmap(Pair, itertools.permutations(CLOUD_OF, 2)))
USUAL = Pair("aws-east", "hetzner")


@dataclass(frozen=True)
class Scene:
    """What differs from the application's own liferaft.toml. ttl: seconds of the name."""

    pair: Pair = USUAL
    vault_bucket: str = VAULT_BUCKET
    """The first vault's; that of the second follows from it."""
    ttl: int = 60
    image: str = "chirp.oci.tar"
    """File name of the application's image, in the application's folder."""
    system: str | None = field(default_factory=lambda: asked_for(chosen_system().name))
    """What liferaft.toml asks for; None where it says nothing."""
    app_servers: int = 1
    """How many of them there are at each site."""


def asked_for(system: str) -> str | None:
    """How a new application comes to this system: it need not ask for the default."""
    return None if system == DEFAULT else system


def set_scene(project: Path, image: Path, folder: Path, scene: Scene = Scene()) -> Path:
    """The application's folder as its operator has it: the project, with its built image."""
    target = folder / "app"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(project, target, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(image, target / image.name)
    toml = target / "liferaft.toml"
    relative = f"../../../build/{image.name}"
    toml.write_text(arranged(toml.read_text(), scene).replace(relative, image.name))
    return target


def arranged(toml: str, scene: Scene) -> str:
    """The configuration with the scene's roles, vaults, TTL, system and servers; all else, comments
    too, stays."""
    buckets = {
        VAULT_BUCKET: scene.vault_bucket,
        depot_bucket(VAULT_BUCKET): depot_bucket(scene.vault_bucket),
    }
    for usual, ours in buckets.items():
        toml = toml.replace(f'"s3://{usual}"', f'"s3://{ours}"')
    return "\n".join([*_lines(toml, scene), *_rented(scene), ""])


def _rented(scene: Scene) -> Iterator[str]:
    """Machines for the servers that the sample has not: it names two."""
    rented = list(COLO_MACHINES.items())[2 : 1 + scene.app_servers]
    for number, (address, private_address) in enumerate(rented, start=3):
        yield ""
        yield f"[sites.colo.machines.colo-{number}]"
        yield f'address = "{address}"'
        yield f'private_address = "{private_address}"'
        yield f'host_key = "env/LIFERAFT_COLO_{number}_HOST_KEY"'
        yield 'cpus = 4\nmemory = "16GiB"\ndisk = "100GiB"'


def _lines(toml: str, scene: Scene) -> Iterator[str]:
    section = ""
    for line in toml.splitlines():
        if match := _SECTION.match(line):
            section = match["name"]
        site = section.startswith("sites.")
        if not (site and _ROLE.match(line)):
            yield f"ttl = {scene.ttl}" if section == "dns" and _TTL.match(line) else line
        if match and section == "servers.app" and scene.app_servers > 1:
            yield f"count = {scene.app_servers}"
        if match and section == "app" and scene.system is not None:
            yield f'system = "{scene.system}"'
        if match and section == f"sites.{scene.pair.primary}":
            yield 'role = "primary"'
