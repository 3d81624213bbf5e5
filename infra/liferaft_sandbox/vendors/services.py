"""Programs of the simulated vendors: each in its place's network, with files of its own.

A service sees the vendors' image as its root, its own folder as /data, a /tmp of its own (SeaweedFS
opens sockets with fixed names there), and the resolver that it is given. All its processes are one
group, so that none outlives another.
"""

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SERVE = """
set -eu
tree=$1 data=$2 weed=$3 versitygw=$4 packages=$5; shift 5
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
mount --bind "$data" "$tree/data"
mount --bind "$weed" "$tree/opt/bin/weed"
mount --bind "$versitygw" "$tree/opt/bin/versitygw"
mount --bind "$packages" "$tree/srv"
mount --bind "$data/resolv.conf" "$tree/etc/resolv.conf"
mount --rbind /dev "$tree/dev"
mount --rbind /proc "$tree/proc"
exec chroot "$tree" "$@"
"""
TOGETHER = "{first} & {second} & wait -n; kill -KILL 0"
"""For bash: when one of them ends, so does the other."""


@dataclass(frozen=True)
class Service:
    """One program. `files` are laid into its folder, readable by root alone, before it starts."""

    name: str
    place: str
    argv: tuple[str, ...]
    resolver: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def together(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """One argv for two programs that are one service."""
    script = TOGETHER.format(first=shlex.join(first), second=shlex.join(second))
    return ("/bin/bash", "-c", script)


@dataclass(frozen=True)
class Programs:
    """What services have from outside: the vendors' image, the executables of the stores'
    makers, packages."""

    tree: Path
    weed: Path
    versitygw: Path
    packages: Path
    """/srv of every service."""


def start(
    service: Service, programs: Programs, *, folder: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Start it and return at once; whether it is healthy is for its probe to say."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    resolv = f"nameserver {service.resolver}\n".encode()
    for name, content in {**service.files, "resolv.conf": resolv}.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)
    with log.open("ab") as said:
        return subprocess.Popen(
            [
                *("nsenter", f"--net=/run/netns/{service.place}"),
                *("unshare", "--mount", "--propagation", "private"),
                *("sh", "-c", SERVE, "sh", str(programs.tree), str(folder)),
                *(str(programs.weed), str(programs.versitygw), str(programs.packages)),
                *service.argv,
            ],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath + ":/usr/sbin:/sbin", "HOME": "/data", **service.environment},
            start_new_session=True,
        )
