"""Where one sandbox keeps what: everything is below one folder, removed when the sandbox ends."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from liferaft.failures import BadInput

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
SUPERVISOR_SOCKET = Path("/run/liferaft/supervisor.sock")
"""Inside the lab, where /run is its own: short, and out of everybody's reach but the lab's."""

DEVICE_NODES = SUPERVISOR_SOCKET.with_name("devices")
"""Inside the lab: the clouds' block volumes, a folder for each machine."""

INSIDE = Path("/run/liferaft/sandbox")
"""Exists only inside a lab; names the lab's state folder."""


@dataclass(frozen=True)
class State:
    """Paths of the sandbox whose folder is `folder`."""

    folder: Path

    @property
    def name(self) -> str:
        """The sandbox's name."""
        return self.folder.name

    @property
    def lock(self) -> Path:
        """Locked as long as the sandbox's warden lives."""
        return self.folder.with_name(f".{self.name}.lock")

    @property
    def warden(self) -> Path:
        """Which processes stand for the sandbox."""
        return self.folder / "warden.json"

    @property
    def facts(self) -> Path:
        """What `sandbox status` shows; there once everything is up."""
        return self.folder / "sandbox.json"

    @property
    def failure(self) -> Path:
        """Why the lab could not come up."""
        return self.folder / "failure.json"

    @property
    def progress(self) -> Path:
        """One line for each thing that is up."""
        return self.folder / "progress"

    @property
    def hosts(self) -> Path:
        """Root disks of the clouds' hosts."""
        return self.folder / "hosts"

    @property
    def disks(self) -> Path:
        """Block volumes of the clouds."""
        return self.folder / "disks"

    @property
    def images(self) -> Path:
        """Images that were made of the clouds' hosts."""
        return self.folder / "images"

    @property
    def logs(self) -> Path:
        """What services and control planes said, one file each."""
        return self.folder / "log"

    @property
    def services(self) -> Path:
        """Data of the services, one folder each."""
        return self.folder / "services"

    @property
    def keys(self) -> Path:
        """Certificates, credentials, the operator's identity."""
        return self.folder / "keys"

    @property
    def stores_authority(self) -> Path:
        """The certificate that the object stores' are verified by."""
        return self.keys / "stores.pem"

    @property
    def depot_authority(self) -> Path:
        """The certificate that the second vault's is verified by."""
        return self.keys / "depot.pem"

    def resolver(self, place: str) -> Path:
        """What /etc/resolv.conf is for commands run in that place."""
        return self.keys / f"{place}.resolv.conf"

    def environment(self, place: str) -> Path:
        """The variables of commands run in that place."""
        return self.keys / f"{place}.env.json"

    def access_log(self, cloud: str) -> Path:
        """The control plane's account of requests, a JSON object per line."""
        return self.logs / f"{cloud}-access.jsonl"


def state_of(name: str) -> State:
    """The state folder of that sandbox, below `$XDG_STATE_HOME/liferaft/sandbox`.

    Reads the environment: for processes' edges only. Raises BadInput on a bad name.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"`{name}` is no name for a sandbox.",
            safe="Nothing was done.",
            do="Use a-z, 0-9 and hyphens.",
        )
    home = os.environ.get("XDG_STATE_HOME")
    root = Path(home) if home else Path.home() / ".local/state"
    return State((root / "liferaft/sandbox" / name).absolute())


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/liferaft`, by default ~/.cache/liferaft. For processes' edges only."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "liferaft"
