"""A program of ours for hosts: a package as one file, which a host's own Python runs."""

import io
import zipfile
from pathlib import Path

from liferaft.remote.acts import HostActFailed, succeeds
from liferaft.remote.contract import Host


def packed(folder: Path) -> bytes:
    """An archive that Python runs by `main` of the package's module `main`, given the arguments.

    The same sources make the same bytes, wherever. They import each other relatively, and besides
    only what the host has: `-I` lets nothing of the surroundings in.
    """
    name = folder.name
    start = f"import sys\n\nfrom {name}.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
    sources = {f"{name}/{path.name}": path.read_bytes() for path in folder.glob("*.py")}
    sources["__main__.py"] = start.encode()
    archive = io.BytesIO()
    archive.write(b"#!/usr/bin/python3 -I\n")
    with zipfile.ZipFile(archive, "a") as pack:
        for path, source in sorted(sources.items()):
            pack.writestr(zipfile.ZipInfo(path), source)
    return archive.getvalue()


async def require_python(host: Host, happened: str) -> None:
    """Raise HostActFailed, told as `happened`, where the host has nothing to run a program with."""
    if not await succeeds(host, ["python3", "--version"]):
        raise HostActFailed(
            happened,
            safe="Nothing was changed there.",
            do="Install the package python3 on it, and run the same command again.",
        )
