"""The image's root file system: Debian packages unpacked, trimmed, and chirp beside them."""

import shutil
import subprocess
from pathlib import Path

from liferaft.failures import DeadlinePassed, Failure

from .recipe import APPLICATION, Recipe, application_files

UNPACKING_SECONDS = 600
COMPILING_SECONDS = 120
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
PYTHON_PACKAGES = "usr/lib/python3/dist-packages"


class ImageNotBuilt(Failure):
    """A tool that the build needs failed; details hold the end of what it said."""


def lay_out(root: Path, recipe: Recipe) -> None:
    """Fill the empty folder `root`. Needs root's rights and the machine's own package mirror."""
    _unpack_packages(root, recipe)
    _keep_botocore_services(root, recipe.botocore_services)
    _trim(root, recipe.trim)
    _name_accounts(root)
    _trust_authorities(root)
    _install_application(root / recipe.working_dir.lstrip("/") / "chirp")
    _compile_python(root)


def _unpack_packages(root: Path, recipe: Recipe) -> None:
    sources = [str(path) for path in SOURCES if path.is_file() and path.stat().st_size > 0]
    exclusions = [
        f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale")
    ]
    _run(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=extract",
            *exclusions,
            f"--include={','.join(recipe.packages)}",
            recipe.suite,
            str(root),
            *sources,
        ],
        "unpacking the image's Debian packages",
        UNPACKING_SECONDS,
    )


def _keep_botocore_services(root: Path, services: tuple[str, ...]) -> None:
    for service in (root / PYTHON_PACKAGES / "botocore/data").iterdir():
        if service.is_dir() and service.name not in services:
            shutil.rmtree(service)


def _trim(root: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def _name_accounts(root: Path) -> None:
    """Unpacked packages have no accounts: their scripts, which make them, do not run."""
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        "chirp:x:10001:10001:chirp:/srv/chirp:/usr/sbin/nologin\n"
    )
    (root / "etc/group").write_text("root:x:0:\nchirp:x:10001:\n")


def _trust_authorities(root: Path) -> None:
    """Debian's certificate authorities in the file where its OpenSSL looks."""
    certificates = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(certificate.read_text() for certificate in certificates))


def _install_application(target: Path) -> None:
    for source in application_files():
        installed = target / source.relative_to(APPLICATION)
        installed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, installed)
        installed.chmod(0o644)


def _compile_python(root: Path) -> None:
    """A container's file system starts afresh each time: without this, so would compiling."""
    folders = ["/usr/lib/python3.11", "/usr/lib/python3", "/srv"]
    _run(
        [
            "chroot",
            str(root),
            "/usr/bin/python3.11",
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode=unchecked-hash",
            *folders,
        ],
        "compiling the image's Python files",
        COMPILING_SECONDS,
    )


def _run(argv: list[str], doing: str, seconds: int) -> None:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise DeadlinePassed(f"Waited {seconds} s for {doing} ({argv[0]}).") from late
    except FileNotFoundError as absent:
        raise ImageNotBuilt(
            f"{argv[0]}, needed for {doing}, is not installed.",
            do=f"Install the Debian package {argv[0]}.",
        ) from absent
    if done.returncode != 0:
        raise ImageNotBuilt(
            f"{argv[0]} failed while {doing}.",
            safe="An image built earlier is unharmed.",
            do="Read the tool's own words in the details; a mirror that is away comes back.",
            details={"exit": str(done.returncode), "said": done.stderr[-2000:]},
        )
