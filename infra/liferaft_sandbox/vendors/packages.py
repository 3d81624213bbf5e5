"""The package mirror: cached .debs over HTTP, at a neutral vendor that can die.

It has what moves install on a vendor's own Debian, and all that this needs. It is downloaded once
from the machine's own package sources, whose signatures apt checks; hosts trust the mirror.
"""

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from liferaft_sandbox.addresses import MIRROR, MIRROR_PORT
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.images import (
    BUILD_SECONDS,
    RECIPES,
    Say,
    build_once,
    listed,
    sources_of,
)
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.lab.systems import System
from liferaft_sandbox.vendors.services import Service

POOL = "pool/main"
PROBE_SECONDS = 3.0
CADDYFILE = f"""\
{{
  admin off
  auto_https off
}}
http://:{MIRROR_PORT} {{
  bind {MIRROR}
  root * /srv
  file_server
}}
"""


def mirrored(system: System, recipes: Path = RECIPES) -> tuple[str, ...]:
    """The packages that the mirror is for, without what they need."""
    return listed(recipes / "mirror/packages.txt", system)


def build_mirror(system: System, plain: Path, cache: Path, say: Say) -> Path:
    """What the mirror serves: all of `mirrored` for hosts whose disk begins as the tree `plain`.

    Raises MachineLacks without root, SandboxFailed when apt fails.
    """
    names = mirrored(system)
    digest = hashlib.sha256(f"{plain.name} {' '.join(names)}".encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        archive = folder / "debian"
        pool = archive / POOL
        pool.mkdir(parents=True)
        say(f"image mirror: downloading {len(names)} packages and what they need")
        with sources_of(system.suite) as sources:
            _download(names, plain, pool, sources)
        architecture = run("dpkg", "--print-architecture").strip()
        index = f"main/binary-{architecture}/Packages"
        content = "\n".join(_stanzas(archive)).encode()
        dist = archive / "dists" / system.suite
        (dist / index).parent.mkdir(parents=True)
        (dist / index).write_bytes(content)
        (dist / "Release").write_text(_release(system.suite, architecture, index, content))

    return build_once("mirror", cache / "images" / f"mirror-{digest}", make, say)


def _download(names: Iterable[str], plain: Path, pool: Path, sources: Path) -> None:
    work = pool / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (work / folder).mkdir(parents=True)
    settings = {
        "Dir::State": work,
        "Dir::State::Lists": work / "lists",
        "Dir::State::status": plain / "var/lib/dpkg/status",
        "Dir::Cache": work,
        "Dir::Cache::archives": work / "archives",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in settings.items())]
    _run(*apt, "update")
    _run(*apt, "--yes", "--no-install-recommends", "--download-only", "install", *names)
    for file in (work / "archives").glob("*.deb"):
        file.rename(pool / file.name)
    run("rm", "--recursive", str(work))


def _run(*argv: str) -> None:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    if ended.returncode:
        raise SandboxFailed(
            f"apt-get ended with {ended.returncode} while filling the package mirror.",
            do="Check that the machine's Debian sources can be reached, then run it again.",
            details={"last lines": "\n".join(ended.stderr.splitlines()[-20:])},
        )


def _stanzas(archive: Path) -> Iterator[str]:
    """https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices"""
    for file in sorted((archive / POOL).glob("*.deb")):
        content = file.read_bytes()
        yield run("dpkg-deb", "--field", str(file)).rstrip()
        yield f"Filename: {file.relative_to(archive)}"
        yield f"Size: {len(content)}"
        yield f"SHA256: {hashlib.sha256(content).hexdigest()}\n"


def _release(suite: str, architecture: str, index: str, content: bytes) -> str:
    """https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files"""
    return "\n".join(
        [
            "Origin: liferaft sandbox",
            f"Suite: {suite}",
            f"Codename: {suite}",
            f"Architectures: {architecture}",
            "Components: main",
            f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S UTC}",
            "SHA256:",
            f" {hashlib.sha256(content).hexdigest()} {len(content)} {index}",
            "",
        ]
    )


def mirror(resolver: str) -> Service:
    """The service; it serves the folder that `Programs.packages` names."""
    return Service(
        name="mirror",
        place="neutral",
        argv=("/usr/bin/caddy", "run", "--config", "/data/Caddyfile", "--adapter", "caddyfile"),
        resolver=resolver,
        files={"Caddyfile": CADDYFILE.encode()},
        environment={"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/data"},
    )


def probe(suite: str) -> None:
    """Fetch what apt asks for first. Raises OSError while it cannot be."""
    url = f"http://{MIRROR}:{MIRROR_PORT}/debian/dists/{suite}/Release"
    with urlopen(url, timeout=PROBE_SECONDS):
        pass
