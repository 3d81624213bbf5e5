"""One real host: an overlay of the image, a NoCloud seed, and systemd-nspawn in its network."""

import json
import os
import shutil
import signal
import subprocess
import threading
from ipaddress import IPv4Network
from pathlib import Path

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab import cgroups
from liferaft_sandbox.lab.gateway import INSIDE
from liferaft_sandbox.lab.machine_images import COPY_SECONDS, Layers
from liferaft_sandbox.lab.machines import Machine, State
from liferaft_sandbox.lab.programs import run

REBOOT = 133
"""How nspawn ends when its guest asked for a reboot."""
POWER_OFF_SECONDS = 20.0
ENDED_SECONDS = 60.0


class Host:
    """A machine's disk and, while it is switched on, its processes."""

    def __init__(
        self,
        machine: Machine,
        *,
        namespace: str,
        cidr: IPv4Network,
        mtu: int,
        layers: Layers,
        folder: Path,
        volumes: Path,
        group: Path,
    ) -> None:
        """Make the disk. Nothing runs before `start`. volumes: its /dev/disk/by-id."""
        self._machine = machine
        self._namespace = namespace
        self.folder = folder
        self.layers = layers
        self._volumes = volumes
        self._group = group
        self._root = folder / "root"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        for part in ("upper", "work", "root"):
            (folder / part).mkdir(parents=True)
        if layers.containers:
            run(
                "cp",
                "--archive",
                "--reflink=auto",
                str(layers.containers),
                str(folder / "containers"),
                seconds=COPY_SECONDS,
            )
        else:
            (folder / "containers").mkdir()
        lower = ":".join(map(str, layers.roots))
        options = f"lowerdir={lower},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        run("mount", "-t", "overlay", machine.id, "-o", options, str(self._root))
        self._seed(cidr, mtu)

    def _seed(self, cidr: IPv4Network, mtu: int) -> None:
        seed = self._root / "var/lib/cloud/seed/nocloud"
        seed.mkdir(parents=True, mode=0o700, exist_ok=True)  # an image brings its machine's own
        machine = self._machine
        # JSON is YAML; cloud-init reads both.
        meta = {
            "instance-id": machine.id,
            "local-hostname": machine.hostname,
            "public-keys": list(machine.authorized_keys),
        }
        interface = {
            "addresses": [f"{machine.private_address}/{cidr.prefixlen}"],
            "gateway4": str(cidr[1]),
            "mtu": mtu,  # clouds say it by DHCP
        }
        (seed / "meta-data").write_text(json.dumps(meta))
        (seed / "network-config").write_text(
            json.dumps({"version": 2, "ethernets": {"host0": interface}})
        )
        (seed / "user-data").write_bytes(machine.user_data)

    def start(self) -> None:
        """Switch it on, if it is off. Its init process starts in the background."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._spawn()

    def _spawn(self) -> None:
        cgroups.remove(self._group)  # what an earlier boot left would look like this one's
        self._group.mkdir(parents=True)
        nspawn = (
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={self._root}"),
            *(f"--machine={self._machine.id}", f"--hostname={self._machine.hostname}"),
            *(f"--network-bridge={INSIDE}", "--resolv-conf=off", "--timezone=off"),
            *("--register=no", "--keep-unit", "--console=read-only", "--link-journal=no"),
            # Container images on the machine's own file system, since overlays do not nest.
            f"--bind={self.folder / 'containers'}:/var/lib/containers",
            f"--bind={self._volumes}:/dev/disk/by-id",
        )
        joined = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'
        enter = ("nsenter", f"--net=/run/netns/{self._namespace}")
        with (self.folder / "console").open("ab") as console:
            process = subprocess.Popen(
                ["sh", "-c", joined, "sh", str(self._group), *enter, *nspawn],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process = process
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        ended = process.wait()
        with self._lock:
            if ended == REBOOT and self._process is process:
                self._spawn()

    def stop(self) -> None:
        """Ask it to power off, as a cloud does; pull the plug if it has not after a while."""
        with self._lock:
            process = self._process
            if process is None or process.poll() is not None:
                return
            process.send_signal(signal.SIGTERM)

        def pull() -> None:
            try:
                process.wait(POWER_OFF_SECONDS)
            except subprocess.TimeoutExpired:
                cgroups.end(self._group)

        threading.Thread(target=pull, daemon=True).start()

    def reboot(self) -> None:
        """Ask its init process to boot anew, as the reset button of a cloud does."""
        with self._lock:
            if self.state() != "running":
                raise SandboxFailed(f"Machine {self._machine.id} is not running.")
            init = next(self._group.rglob("init.scope/cgroup.procs")).read_text().split()[0]
            os.kill(int(init), signal.SIGINT)  # systemd's sign for Ctrl-Alt-Del

    def runs(self, program: str) -> bool:
        """Whether a process of that name runs on it."""
        return any(_name_of(number) == program for number in cgroups.processes(self._group))

    def state(self) -> State:
        """Running once its init process has set itself up, stopped when it is off."""
        process = self._process
        if process is None or process.poll() is not None:
            return "stopped"
        return "running" if any(self._group.rglob("init.scope")) else "pending"

    def remove(self) -> None:
        """Pull the plug and delete everything of it."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                process.kill()  # first, since it may not have joined the group yet
                process.wait(ENDED_SECONDS)
            cgroups.remove(self._group)
        run("umount", str(self._root))
        shutil.rmtree(self.folder)


def _name_of(process: int) -> str | None:
    """The name of a process; None once it has ended."""
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
