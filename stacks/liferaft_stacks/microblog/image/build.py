"""Builds the image unless one of the same ingredients is in the cache.

    python -m liferaft_stacks.microblog.image.build --out build/chirp.oci.tar

prints the path of the archive. Needs root, mmdebstrap and the machine's own Debian mirror.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from liferaft.failures import Failure

from . import oci
from .recipe import Recipe, ingredients_digest, recipe
from .rootfs import lay_out

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
NAME = "localhost/chirp:latest"  # what the Compose file asks for; the label tells which build
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONPATH": "/srv/chirp",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def build_once(cache: Path, say: Callable[[str], object] = str) -> Path:
    """The archive in `cache`; built first, and said so, if it is not there. Never half there."""
    digest = ingredients_digest()
    archive = cache / f"chirp-{digest}.oci.tar"
    if not archive.exists():
        say("image chirp: building, about a minute\n")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".chirp-", dir=cache) as work:
            _build(recipe(), digest, Path(work)).rename(archive)
    return archive


def cache_folder() -> Path:
    """Where images are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "liferaft/images"


def main() -> int:
    """Build, copy to `--out` if given, print the path."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, help="copy the archive here")
    out: Path | None = arguments.parse_args().out
    try:
        archive = build_once(cache_folder(), say=sys.stderr.write)
    except Failure as failure:
        facts = failure.facts
        said = [facts.happened, facts.safe, facts.do, *facts.details.values()]
        sys.stderr.write("\n".join(filter(None, said)) + "\n")
        return 1
    if out and not _is_copy(out, archive):
        out.parent.mkdir(parents=True, exist_ok=True)
        half = out.with_suffix(".half")
        shutil.copy2(archive, half)
        half.rename(out)
    sys.stdout.write(f"{out or archive}\n")
    return 0


def _is_copy(out: Path, archive: Path) -> bool:
    """Copied with its time, so that both say whether it is the same."""
    if not out.exists():
        return False
    ours, theirs = out.stat(), archive.stat()
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _build(recipe: Recipe, digest: str, work: Path) -> Path:
    root, archive = work / "root", work / "chirp.oci.tar"
    root.mkdir(mode=0o755)
    lay_out(root, recipe)
    runs = oci.Runs(
        entrypoint=recipe.entrypoint,
        user=recipe.user,
        working_dir=recipe.working_dir,
        environment=ENVIRONMENT,
        labels={"org.opencontainers.image.version": digest},
    )
    oci.write_archive(root, runs, NAME, ARCHITECTURES[platform.machine()], archive)
    return archive


if __name__ == "__main__":
    sys.exit(main())
