"""Images that no archive holds yet are brought to the operator's machine, before anything runs.

What was brought stays there: it is asked only whether the name stands for the same as before. From
then on it is an archive as any other, so no server and no failover asks a registry.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from liferaft.config import Config
from liferaft.config.images import ImageSource
from liferaft.data.container_images import packing, skopeo
from liferaft.data.container_images.skopeo import AtSource, NotAnswered, NotBrought
from liferaft.failures import BadInput, VendorFailure
from liferaft.site import image_sources
from liferaft.site.image_sources import ImageAsked

_AT_ONCE: Final = 4
_NEW: Final = "new-"
_LEFT_SECONDS: Final = 24 * 3600
"""No command copies one image for so long."""
_SAFE: Final = "Nothing was done: servers run what they ran, and a failover asks no registry."
_NO_ROOM: Final = "Make room on this machine, or mend the folder's permissions."


class ImagesAway(VendorFailure):
    """A registry does not answer as it should, or the engine of this machine does not."""


def bring(config: Config) -> None:
    """Every image that `image_sources` asks for is in its archive, as it is at its source. Blocks.

    Raises BadInput or ImagesAway, with all that are not, each with the reason.
    """
    asked = image_sources.asked(config)
    if not asked:
        return
    _prepare(image_sources.folder(config))
    with ThreadPoolExecutor(_AT_ONCE) as looking:
        found = [*looking.map(_found, asked)]
    failures = [one for one in found if isinstance(one, NotBrought)]
    for one, seen in zip(asked, found, strict=True):
        if isinstance(seen, NotBrought) or _is_there(one, seen[1]):
            continue
        try:
            _copy(one, *seen)
        except NotBrought as failure:
            failures.append(failure)
    if failures:
        kind = ImagesAway if any(isinstance(one, NotAnswered) for one in failures) else BadInput
        raise kind(
            "\n".join(f"{one}." for one in failures).rstrip("."),
            safe=_SAFE,
            do=" ".join(dict.fromkeys(one.do for one in failures)),
        )


def told_of(archive: Path) -> dict[str, Any]:
    """What was noted of a brought archive: `image`, `source` and its `digest` there. Empty where
    nothing was."""
    try:
        told = json.loads(_note(archive).read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _found(one: ImageAsked) -> tuple[str, AtSource] | NotBrought:
    """The first place that has it, and what is there."""
    failures = list[NotBrought]()
    for place in one.places:
        try:
            return place, skopeo.look(place, one.architecture)
        except NotBrought as failure:
            failures.append(failure)
    if one.source is ImageSource.REGISTRY or type(failures[0]) is NotBrought:
        return failures[0]
    return NotBrought(
        f"{one.image} is in no engine of this machine: {'; '.join(map(str, failures))}",
        "Build it under this name (`podman build --tag`, `docker compose build`), or pull it.",
    )


def _is_there(one: ImageAsked, seen: AtSource) -> bool:
    return one.archive.is_file() and told_of(one.archive).get("digest") == seen.digest


def _copy(one: ImageAsked, place: str, seen: AtSource) -> None:
    """The note comes last: an archive without one is brought again."""
    folder = one.archive.parent
    with _writing(one), tempfile.TemporaryDirectory(prefix=_NEW, dir=folder) as made:
        layout, packed = Path(made) / "layout", Path(made) / "packed"
        skopeo.copy(place, layout, one.architecture)
        manifest = packing.pack(layout, packed, one.name)
        note = Path(made) / "note"
        told = {"image": one.image, "source": place, "digest": seen.digest, "manifest": manifest}
        note.write_text(json.dumps(told))
        _note(one.archive).unlink(missing_ok=True)
        packed.replace(one.archive)
        note.replace(_note(one.archive))


def _note(archive: Path) -> Path:
    return archive.with_suffix(".json")


def _prepare(folder: Path) -> None:
    """It is nobody's to commit."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder.parent / ".gitignore").write_text("*\n")
        for left in folder.glob(f"{_NEW}*"):  # by a command that was killed
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


@contextmanager
def _writing(one: ImageAsked) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(one.archive.parent, error) from error
    except ValueError as error:
        raise NotAnswered(f"{one.image} was not copied whole: {error}", skopeo.AGAIN) from error


def _unwritable(folder: Path, error: OSError) -> BadInput:
    why = error.strerror or str(error)
    return BadInput(f"Images cannot be written to {folder}: {why}", safe=_SAFE, do=_NO_ROOM)
