"""Kinds of values in liferaft.toml: patterns, paths, names of environment variables."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final
from unicodedata import category

import pyrage
from pydantic import ValidationInfo

from liferaft.texts import reason_of

NAME = r"^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
AGE_RECIPIENT = r"^age1[02-9ac-hj-np-z]{58}$"
HOST_KEY = r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( \S+)?$"
VAULT_URL = r"^(s3://[a-z0-9]([a-z0-9-]|\.[a-z0-9]){1,61}[a-z0-9]|file:///\S+)$"
ENVIRONMENT = r"^env/[A-Z][A-Z0-9_]*$"

_UNWRITABLE: Final = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's control characters, halves of pairs, and separators of lines."""
_SHOWN: Final = 120
LARGEST_PAGE: Final = 1024**2
"""Bytes of a holding page: it is one file, with all that it shows, for phones on a bad line."""
_LONGEST_PATH: Final = 4096
"""Linux's own bound."""


def environment_name(value: object) -> str | None:
    """NAME if the value is `env/NAME`, else None."""
    if isinstance(value, str) and re.fullmatch(ENVIRONMENT, value):
        return value.removeprefix("env/")
    return None


def named_variable(value: str) -> str:
    """`env/NAME`. What else stands there may be the secret itself, and is not repeated."""
    if environment_name(value) is None:
        raise ValueError("it names no variable")
    return value


def in_folder(path: Path, info: ValidationInfo) -> Path:
    """The path, relative to the folder of liferaft.toml, made absolute."""
    folder: Path = info.context["folder"] if info.context else Path()
    if len(str(path)) > _LONGEST_PATH:
        raise ValueError(f"{shown(str(path))} is no path: it is too long")
    if any(category(mark) in _UNWRITABLE for mark in str(path)):
        raise ValueError(f"{shown(str(path))} is no path: it holds a control character")
    try:
        return (folder / path).resolve()
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{shown(str(path))} is no path: {reason_of(error)}") from error


def shown(value: object) -> str:
    """The value in a message, cut short."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def ipv4(value: str) -> str:
    """A machine's address in its one usual spelling."""
    try:
        address = IPv4Address(value)
    except ValueError as error:
        raise ValueError(f"{shown(value)} is no IPv4 address") from error
    odd = {
        "means any address": address.is_unspecified,
        "is every machine's own": address.is_loopback,
        "is a multicast address": address.is_multicast,
        "is valid on one cable only": address.is_link_local,
        "is no machine's": address.is_reserved,
    }
    for reason, applies in odd.items():
        if applies:
            raise ValueError(f"{address} {reason}")
    return str(address)


def printable(value: str) -> str:
    """Text without a control character, and without blanks around it."""
    flaw = flaw_of(value)
    if flaw:
        raise ValueError(flaw)
    return value


def flaw_of(value: str) -> str:
    """What no name, key or password has, and a file or a line's end may have added; else empty."""
    if "\n" in value or "\r" in value:
        return "it holds a line's end"
    if any(category(mark) in _UNWRITABLE for mark in value):
        return "it holds a control character, or bytes that are no text"
    if value != value.strip():
        return "it begins or ends with a blank"
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return "it is in quotes, which would be taken for a part of it"
    return ""


def recipient(value: str) -> str:
    """An age public key whose checksum is right, or `env/NAME`."""
    if environment_name(value) is None and not is_recipient(value):
        raise ValueError("it is no age public key: a letter of it must be wrong or missing")
    return value


def is_recipient(value: str) -> bool:
    """Whether somebody could open what is sealed for this key."""
    if not re.fullmatch(AGE_RECIPIENT, value):
        return False
    try:
        pyrage.x25519.Recipient.from_str(value)
    except pyrage.RecipientError:
        return False
    return True


def as_list(value: object) -> object:
    """A single text as a list of one."""
    return [value] if isinstance(value, str) else value


def existing_file(path: Path, info: ValidationInfo) -> Path:
    """An absolute path to a file that is there."""
    return _existing(path, info, Path.is_file, "file")


def page_file(path: Path, info: ValidationInfo) -> Path:
    """An absolute path to a page that browsers can read."""
    absolute = existing_file(path, info)
    page_text(absolute)
    return absolute


def page_text(path: Path) -> str:
    """What the page says. Raises ValueError for what is no page: nothing would notice it before the
    day that users see it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_PAGE + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {reason_of(error)}") from error
    if len(content) > LARGEST_PAGE:
        raise ValueError(f"{path} is larger than {LARGEST_PAGE // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: byte {error.start}") from error
    if not text.strip():
        raise ValueError(f"{path} is empty")
    return text


def existing_folder(path: Path, info: ValidationInfo) -> Path:
    """An absolute path to a folder that is there."""
    return _existing(path, info, Path.is_dir, "folder")


def _existing(path: Path, info: ValidationInfo, there: Callable[[Path], bool], what: str) -> Path:
    absolute = in_folder(path, info)
    try:
        found = there(absolute)
    except OSError as error:
        raise ValueError(f"{shown(str(path))} is no path: {reason_of(error)}") from error
    if not found:
        raise ValueError(f"there is no {what} {absolute}")
    return absolute


def file_reference(value: str, info: ValidationInfo) -> str:
    """`env/NAME` as it is, or an absolute path to a file that is there."""
    return value if environment_name(value) else str(existing_file(Path(value), info))
