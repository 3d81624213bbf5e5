"""The root file systems of a sandbox, built once by mmdebstrap and kept between runs.

`plain` is the vendors' own Debian; `host` is that with everything installed that moves ask for.
`vendors` holds the programs of the neutral vendors (Caddy, PowerDNS, unbound), used through chroot.
A tree lives at `CACHE/images/<name>-<digest of its recipe>`; it appears there by one rename, so it
is whole.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liferaft_sandbox.failures import MachineLacks, SandboxFailed
from liferaft_sandbox.lab.systems import SYSTEMS, VENDORS, System, chosen_system

RECIPES: Path = Path(__file__).parent / "recipes"
BUILD_SECONDS = 1800
MACHINE_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
CARRIED_APT_OPTIONS = re.compile(
    r'^(?:Acquire::(?:Check-Valid-Until|Check-Date|https?::Proxy(?:::[^ ]+)?)) "[^"]+";$'
)
"""What the machine's own apt needs to reach its sources: a proxy, a frozen mirror."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """What decides what a tree contains: packages, files laid over them, last commands."""

    name: str
    suite: str
    packages: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    finish: str

    @property
    def digest(self) -> str:
        """Twelve hex digits; any change of the recipe is another image."""
        whole = hashlib.sha256(f"{self.suite}\n{' '.join(self.packages)}\n{self.finish}\n".encode())
        for path, content in self.files:
            whole.update(f"{path}\n{len(content)}\n".encode() + content)
        return whole.hexdigest()[:12]


def read_recipe(name: str, system: System | None = None, recipes: Path = RECIPES) -> Recipe:
    """The recipe in `recipes/<name>`: packages.txt, finish.sh and an optional files/ tree.

    What the recipe named in its file `upon` has comes first. system: of hosts; without one the one
    that is chosen. The vendors' is their own.
    """
    folder = recipes / name
    over = folder / "files"
    system = VENDORS if name == "vendors" else system or chosen_system()
    own = Recipe(
        name=name,
        suite=system.suite,
        packages=listed(folder / "packages.txt", system),
        files=tuple(
            (str(path.relative_to(over)), system.fill(path.read_text()).encode())
            for path in sorted(over.rglob("*"))
            if path.is_file()
        ),
        finish=system.fill((folder / "finish.sh").read_text()),
    )
    if not (folder / "upon").exists():
        return own
    base = read_recipe((folder / "upon").read_text().strip(), system, recipes)
    return Recipe(
        name=name,
        suite=system.suite,
        packages=base.packages + own.packages,
        files=base.files + own.files,
        finish=base.finish + own.finish,
    )


def listed(path: Path, system: System) -> tuple[str, ...]:
    """The names in a packages.txt, as this release calls them."""
    return tuple(_listed(system.fill(path.read_text()).splitlines()))


def _listed(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if name := line.partition("#")[0].strip():
            yield name


def image_folder(recipe: Recipe, cache: Path) -> Path:
    """Where the finished tree of this recipe is, or will be."""
    return cache / "images" / f"{recipe.name}-{recipe.digest}"


def build(recipe: Recipe, cache: Path, say: Say) -> Path:
    """The tree of `recipe`, built if it is not there yet; two builders never race.

    Raises MachineLacks without root or mmdebstrap, SandboxFailed when a package manager fails.
    """

    def make(partial: Path) -> None:
        if shutil.which("mmdebstrap") is None:
            raise MachineLacks(
                "The program mmdebstrap is not installed.", do="apt-get install mmdebstrap"
            )
        _install(recipe, partial, say)
        _finish(recipe, partial)

    return build_once(recipe.name, image_folder(recipe, cache), make, say)


def build_once(name: str, done: Path, make: Callable[[Path], None], say: Say) -> Path:
    """The folder `done`, filled by `make` under another name if it is not there yet.

    Two builders never race. Raises MachineLacks without root, and what `make` raises.
    """
    if done.is_dir():
        say(f"image {name}: cached")
        return done
    if os.geteuid() != 0:
        raise MachineLacks("Building images needs root.", do="Run the command as root.")
    with _alone(done.with_name(f".{name}.lock"), name, say):
        if done.is_dir():
            say(f"image {name}: cached")
            return done
        began = time.monotonic()
        for broken_off in done.parent.glob(f".{name}-*.partial"):
            shutil.rmtree(broken_off)
        partial = done.with_name(f".{done.name}.partial")
        make(partial)
        partial.rename(done)
        say(f"image {name}: built in {time.monotonic() - began:.0f} s")
        return done


@contextmanager
def _alone(lock: Path, name: str, say: Say) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"image {name}: waiting for another build of it")
            _wait_for_lock(held.fileno(), name)
        yield


def _wait_for_lock(descriptor: int, name: str) -> None:
    deadline = time.monotonic() + BUILD_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SandboxFailed(
                    f"Another build of image {name} did not end in {BUILD_SECONDS} s."
                ) from None
            time.sleep(0.5)


def _install(recipe: Recipe, tree: Path, say: Say) -> None:
    with sources_of(recipe.suite) as sources:
        _bootstrap(recipe, tree, sources, say)


def _bootstrap(recipe: Recipe, tree: Path, sources: Path, say: Say) -> None:
    argv = [
        *("unshare", "--mount", "--propagation", "private", "mmdebstrap", "--mode=root"),
        *("--variant=minbase", f"--include={','.join(recipe.packages)}"),
        *(
            f"--dpkgopt=path-exclude=/usr/share/{unread}/*"
            for unread in ("doc", "man", "locale", "info")
        ),
        *(f"--aptopt={option}" for option in carried_apt_options()),
        *(recipe.suite, str(tree), str(sources)),
    ]
    say(f"image {recipe.name}: installing {len(recipe.packages)} packages and what they need")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    last: list[str] = []
    with subprocess.Popen(
        argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        for line in process.stderr or ():
            last = [*last[-20:], line.rstrip()]
            if line.startswith("I: "):
                say(f"image {recipe.name}: {line[3:].strip()}")
    if process.returncode:
        raise SandboxFailed(
            f"mmdebstrap ended with {process.returncode} while building image {recipe.name}.",
            do="Check that the machine's Debian sources can be reached, then run it again.",
            details={"last lines": "\n".join(last)},
        )


def _finish(recipe: Recipe, tree: Path) -> None:
    for path, content in recipe.files:
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(content)
        target.chmod(0o644)
    ended = subprocess.run(
        ["chroot", str(tree), "sh", "-s"],
        input=recipe.finish,
        text=True,
        capture_output=True,
        check=False,
        timeout=BUILD_SECONDS,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
    )
    if ended.returncode:
        raise SandboxFailed(
            f"The last commands of image {recipe.name} failed.", details={"said": ended.stderr}
        )
    # The machine's way to its mirror (perhaps with a password) is no business of a host.
    (tree / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)
    for unwanted in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(tree / unwanted, ignore_errors=True)
    tree.chmod(0o755)


def machine_sources(candidates: Iterable[Path] = MACHINE_SOURCES) -> Path:
    """The machine's own Debian package sources; third-party entries are never used."""
    for path in candidates:
        if path.is_file():
            return path
    raise MachineLacks("This machine has no Debian package sources (/etc/apt/sources.list).")


@contextmanager
def sources_of(suite: str) -> Iterator[Path]:
    """The machine's sources with another release in place of its own."""
    own = machine_sources()
    text = own.read_text()
    for one in SYSTEMS.values():
        text = re.sub(rf"\b{one.suite}\b", suite, text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / own.name
        path.write_text(text)
        yield path


def carried_apt_options() -> list[str]:
    """The machine's apt options that an image build must share to reach the same sources."""
    dumped = subprocess.run(
        ["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True, timeout=30
    )
    return [line for line in dumped.stdout.splitlines() if CARRIED_APT_OPTIONS.match(line)]
