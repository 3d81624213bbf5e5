"""The list of operators in liferaft.toml, changed where it stands: comments and order stay."""

import os
from pathlib import Path
from typing import Any, cast

import tomlkit

from liferaft import texts
from liferaft.config.values import is_recipient, shown
from liferaft.failures import BadInput, Refused

_SAFE = "Nothing was changed."


def require_recipient(recipient: str) -> None:
    """Raise BadInput for what is no age public key."""
    if not is_recipient(recipient):
        raise BadInput(
            f"{shown(recipient)} is no age public key: it begins with age1, and a letter of it may "
            "be wrong or missing",
            safe=_SAFE,
            do="Let the operator run `age-keygen -y identity`, and give what it prints.",
        )


def write_recipient(path: Path, recipient: str) -> bool:
    """The file names them; False if it did already. The file is whole at any moment. Blocks. Raises
    BadInput."""
    document = _read(path)
    listed = _listed(document)
    if recipient in listed:
        return False
    listed.append(recipient)
    _write(path, tomlkit.dumps(document))
    return True


def take_recipient_out(path: Path, recipient: str) -> bool:
    """The file does not name them; False if it did not before. As `write_recipient`. Raises Refused
    for the last one."""
    document = _read(path)
    listed = _listed(document)
    if recipient not in listed:
        return False
    if len(listed) == 1:
        raise Refused(
            "They are the only operator: nobody could open the secrets any more",
            safe=_SAFE,
            do="Add another operator first: `liferaft secrets add-operator`.",
        )
    listed.remove(recipient)
    _write(path, tomlkit.dumps(document))
    return True


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(texts.read_text(path))
    except texts.Unreadable as error:
        raise BadInput(f"{path} cannot be read: {error}", safe=_SAFE) from error


def _listed(document: tomlkit.TOMLDocument) -> list[Any]:
    """Of a file that was read as a configuration before."""
    return cast("list[Any]", cast("dict[str, Any]", document["operators"])["recipients"])


def _write(path: Path, text: str) -> None:
    """Beside it first: a kill leaves the old one or the new one."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        beside.write_text(text)
        beside.chmod(target.stat().st_mode & 0o777)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadInput(
            f"{path} cannot be written: {texts.reason_of(error)}",
            safe=_SAFE,
            do="Write the recipient into `recipients` of [operators] yourself, then run the same "
            "command again.",
        ) from error
