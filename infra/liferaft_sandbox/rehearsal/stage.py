"""Where a rehearsal happens, and what is done there before and after it."""

import subprocess
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.lab.systems import system_named
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, Scene
from liferaft_sandbox.rehearsal.users_place import UsersPlace
from liferaft_sandbox.sandboxes import Sandbox
from liferaft_sandbox.vendors.packages import mirrored

INSTALL_SECONDS = 300.0
INSTALL = "export DEBIAN_FRONTEND=noninteractive; apt-get -q update && apt-get -q -y {} install {}"
LOGIN = """
echo "$1 $2" >"$4" &&
exec ssh -i "$LIFERAFT_SSH_KEY_FILE" -o BatchMode=yes -o UserKnownHostsFile="$4" "root@$1" "$3"
"""


@dataclass(frozen=True)
class Stage:
    """Where a rehearsal happens."""

    sandbox: Sandbox
    operator: Operator
    folder: Path
    say: Callable[[str], None]
    scene: Scene = field(default_factory=Scene)

    @property
    def spread_seconds(self) -> float:
        """The name's TTL: after as long, the resolvers' caches are of all ages."""
        return float(self.scene.ttl)

    @property
    def vaults(self) -> tuple[str, ...]:
        """Their names, the first one first."""
        return tuple(self.sandbox.facts["vaults"])

    def revive(self, vault: str) -> None:
        """That vault answers everybody again, whether it was dead, silent or neither."""
        self.sandbox.supervisor.mend(vault)
        self.sandbox.supervisor.revive(vault)

    @property
    def users(self) -> UsersPlace:
        """Where users are; their records are in the stage's folder."""
        ca_file = Path(self.sandbox.facts["ca_file"])
        return UsersPlace(partial(self.operator.argv, "users"), self.folder, ca_file)


def make_ready(stage: Stage, standbys: Sequence[str]) -> None:
    """What an operator has done long before: a vault, and standbys that have their packages.

    Raises SandboxFailed or NotReadyInTime.
    """
    supervisor = stage.sandbox.supervisor
    supervisor.make_bucket(stage.scene.vault_bucket)
    for service in stage.sandbox.facts["services"]:
        if service.startswith("users-resolver"):  # it may remember where an earlier pair was
            supervisor.kill(service)
            supervisor.revive(service)
    for standby in standbys:
        if standby == "colo":
            _equip_rented_machines(stage)
        else:
            stage.operator.run("image", "build", standby, "--yes")


def clear(stage: Stage, sites: Sequence[str]) -> None:
    """These sites gone, their clouds and all vaults back, so that the next story finds an empty
    world."""
    for vault in stage.vaults:
        stage.revive(vault)
    for site in sites:
        stage.sandbox.supervisor.reinstate(CLOUD_OF[site])
    for site in reversed(sites):
        stage.operator.run("destroy", site, "--yes", "--site-that-reigns", site)


def _equip_rented_machines(stage: Stage) -> None:
    """They stand there from the start, so whoever rents them installs at leisure."""
    named = tomllib.loads((stage.operator.folder / "liferaft.toml").read_text())
    ours = named["sites"]["colo"]["machines"]
    rented = stage.sandbox.facts["inventory"]["colo"]["machines"]
    machines = [machine for machine in rented if machine["name"] in ours]
    stage.say(f"$ apt-get install … on {len(machines)} rented machines")
    installing = [(machine["name"], _install(stage, machine)) for machine in machines]
    for name, process in installing:
        try:
            said, _ = process.communicate(timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NotReadyInTime(
                f"Waited {INSTALL_SECONDS:.0f} s for packages on {name} to be installed."
            ) from None
        if process.returncode:
            raise SandboxFailed(
                f"Packages could not be installed on {name}.", details={"said": said[-2000:]}
            )


def _install(stage: Stage, machine: dict[str, Any]) -> "subprocess.Popen[str]":
    wanted = " ".join(mirrored(system_named(stage.sandbox.facts["system"])))
    command = INSTALL.format("--no-install-recommends", wanted)
    known = stage.folder / f"known-hosts-{machine['name']}"
    asked = (machine["address"], machine["host_key"], command, str(known))
    return subprocess.Popen(
        stage.operator.argv("operator", "sh", "-c", LOGIN, "sh", *asked),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
