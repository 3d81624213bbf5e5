"""A program of ours for hosts: a package as one file, which a host's own Python runs."""

import io
import zipfile
from pathlib import Path

from liferaft.remote.acts import HostActFailed, succeeds
from liferaft.remote.contract import Host


def packed(folder: Path, *, beside: Path | None = None) -> bytes:
    """An archive that Python runs by `main` of the package's module `main`, given the arguments.

    The same sources make the same bytes, wherever. They import each other relatively, and besides
    only what the host has: `-I` lets nothing of the surroundings in. beside: another program's
    package, which it imports by its whole name.
    """
    packages, root = [folder], folder.parent
    if beside is not None:
        packages.append(beside)
        while (root / "__init__.py").exists():
            root = root.parent
    sources: dict[str, bytes] = {}
    for package in packages:
        inside = package.relative_to(root)
        # Of a package that only holds others nothing is needed.
        sources |= {f"{above}/__init__.py": b"" for above in inside.parents if above.name}
        sources |= {f"{inside}/{path.name}": path.read_bytes() for path in package.glob("*.py")}
    name = ".".join(folder.relative_to(root).parts)
    start = f"import sys\n\nfrom {name}.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
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
