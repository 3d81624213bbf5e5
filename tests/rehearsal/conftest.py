"""What every rehearsal needs before it begins."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liferaft_sandbox.sandboxes import Sandbox, bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

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


@pytest.fixture(scope="session")
def project() -> Path:
    """The sample application's folder, as the repository has it."""
    return ROOT / "stacks/liferaft_stacks/microblog"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """One for this test alone, whose vendors' image has everything installed already: how long
    packages take is not the matter. It is called as the test's file is."""
    state = state_of(f"{request.path.stem.removeprefix('test_')}-{os.getpid()}")
    watched = [os.getpid()]
    found = bring_up(state, cache=cache_folder(), say=print, dies_with=watched, equipped=True)
    try:
        yield found
    finally:
        take_down(state)
