"""skopeo on the operator's machine: what a registry or an engine has of an image, and a copy of it.

It takes credentials from where `podman login` and `docker login` leave them, or from the file that
REGISTRY_AUTH_FILE names; none is ever an argument.
https://github.com/containers/skopeo/blob/v1.9.3/docs/skopeo-copy.1.md
"""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAM: Final = "skopeo"
LOOK_SECONDS: Final = 60
COPY_SECONDS: Final = 1800
_AROUND_SECONDS: Final = 15
_SHOWN: Final = 300
_QUERY: Final = re.compile(r"\?[^\s\"]+")
"""Of an address: a registry's may be signed, and whoever has it reads the image."""
_OS: Final = "linux"
_GO: Final = {"x86_64": "amd64"}
_ABSENT: Final = (
    "manifest unknown",
    "name unknown",
    "reference does not exist",
    "does not resolve to an image id",
    "no such image",
    "not known",
)
_LOCKED: Final = ("unauthorized", "authentication required", "access to the resource is denied")
_OTHER_BUILD: Final = "no image found in"


class NotBrought(Exception):
    """An image was not looked at, or not copied. The message is why; `do`, what to do about it."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.do = do


class NotThere(NotBrought):
    """The place answers, and has no such image."""


class NotAnswered(NotBrought):
    """The place does not answer as it should."""


@dataclass(frozen=True)
class AtSource:
    """What a place has. digest: of what the name stands for there, an index perhaps.
    architecture: in Go's word; of an index, what was chosen."""

    digest: str
    architecture: str


def look(source: str, architecture: str) -> AtSource:
    """What is there for servers of that architecture, in liferaft.toml's word. Raises NotBrought.
    Blocks, a minute at most."""
    said = _run([*_built_for(architecture), "inspect", "--no-tags", source], source, LOOK_SECONDS)
    try:
        told = json.loads(said)
        seen = AtSource(str(told["Digest"]), str(told["Architecture"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnswered(
            f"what {PROGRAM} says of {source} is no description of an image",
            f"Run `{PROGRAM} inspect {source}` yourself.",
        ) from error
    if seen.architecture != go(architecture):
        raise _other_build(source, architecture)
    return seen


def copy(source: str, layout: Path, architecture: str) -> None:
    """The image is in the OCI layout `layout`, which was not there. Raises NotBrought. Blocks."""
    asked = [*_built_for(architecture), "copy", "--quiet", "--retry-times=2", source]
    _run([*asked, f"oci:{layout}"], source, COPY_SECONDS)


def go(architecture: str) -> str:
    """An architecture of liferaft.toml as Go calls it."""
    return _GO.get(architecture, architecture)


def _built_for(architecture: str) -> list[str]:
    return [f"--override-os={_OS}", f"--override-arch={go(architecture)}"]


def _other_build(source: str, architecture: str) -> NotBrought:
    return NotBrought(
        f"{source} is not built for {architecture}, which its servers are",
        "Build and push it for them (--platform), or change the group's `architecture`.",
    )


def _run(argv: Sequence[str], source: str, seconds: int) -> str:
    bounded = [PROGRAM, f"--command-timeout={seconds}s", *argv]
    try:
        done = subprocess.run(  # the operator's own program, found on PATH
            bounded, capture_output=True, timeout=seconds + _AROUND_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise NotBrought(
            f"{PROGRAM}, which brings images, is not on this machine",
            f"Install it: `apt install {PROGRAM}`.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise NotAnswered(_late(source, seconds), AGAIN) from error
    if done.returncode == 0:
        return done.stdout.decode(errors="replace")
    raise reason_of(done.stderr.decode(errors="replace"), source, seconds)


AGAIN: Final = "Run the same command again once it answers."


def _late(source: str, seconds: int) -> str:
    return f"{source} was not there within {seconds} s"


def reason_of(said: str, source: str, seconds: int) -> NotBrought:
    """What skopeo's last words mean. Pure."""
    words = said.strip().rpartition("\n")[2]
    if "msg=" in words:
        words = words.partition("msg=")[2].strip('"').replace('\\"', '"')
    words = _QUERY.sub("?…", "".join(mark for mark in words if mark.isprintable()))
    low = words.lower()
    if _OTHER_BUILD in low:
        return NotBrought(
            f"{source} is not built for the servers' architecture: {words[:_SHOWN]}",
            "Build and push it for them (--platform), or change the group's `architecture`.",
        )
    if any(mark in low for mark in _LOCKED):
        return NotBrought(
            f"{source} is refused without a login, or is not there: {words[:_SHOWN]}",
            f"Log in (`{PROGRAM} login`, `podman login` or `docker login`), or name the file with "
            "the login in REGISTRY_AUTH_FILE.",
        )
    if any(mark in low for mark in _ABSENT):
        return NotThere(f"{source} is not there", "Push it, or correct the image's name.")
    if "deadline exceeded" in low:
        return NotAnswered(_late(source, seconds), AGAIN)
    return NotAnswered(f"{source} cannot be had: {words[:_SHOWN]}", AGAIN)
