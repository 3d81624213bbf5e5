"""What every rehearsal needs before it begins."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "build" / "chirp.oci.tar"
BUILD_SECONDS = 300


@pytest.fixture(scope="session")
def image() -> Path:
    """The application's image, built unless it is there."""
    if not IMAGE.exists():
        module = "liferaft_stacks.microblog.image.build"
        build = [sys.executable, "-m", module, "--out", str(IMAGE)]
        subprocess.run(build, check=True, cwd=ROOT, timeout=BUILD_SECONDS)
    return IMAGE
