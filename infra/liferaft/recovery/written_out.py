"""Writes a blueprint into a folder: whole, or not at all."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from liferaft.failures import BadInput
from liferaft.recovery.blueprint import Blueprint
from liferaft.texts import reason_of

_OWN: Final = 0o700


def require_room(folder: Path) -> None:
    """Raises BadInput unless the folder is not there yet, or is empty. Blocks."""
    try:
        taken = folder.is_symlink() or (folder.exists() and any(folder.iterdir()))
    except OSError as error:
        raise _not_writable(folder, error) from error
    if taken:
        raise BadInput(
            f"{folder} is not empty",
            safe="Nothing was written.",
            do="Name a folder that is not there yet: what lies in this one may be needed.",
        )


def write(blueprint: Blueprint, folder: Path) -> None:
    """Nobody but the owner may look into it. Blocks. Raises BadInput where nothing can be written:
    then the folder is as it was."""
    require_room(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for path, body in blueprint.files.items():
                file = half / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(body)
            half.chmod(_OWN)
            half.replace(folder)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    except OSError as error:
        raise _not_writable(folder, error) from error


def _not_writable(folder: Path, error: OSError) -> BadInput:
    return BadInput(
        f"{folder} cannot be written: {reason_of(error)}",
        safe="Nothing was written there.",
        do="Name a folder in a place where you may write.",
    )
