"""Kinds of values in liferaft.toml: patterns, paths, names of environment variables."""

import re
from ipaddress import IPv4Address
from pathlib import Path

from pydantic import ValidationInfo

NAME = r"^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
AGE_RECIPIENT = r"^age1[02-9ac-hj-np-z]{58}$"
HOST_KEY = r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( \S+)?$"
ENVIRONMENT = r"^env/[A-Z][A-Z0-9_]*$"


def environment_name(value: object) -> str | None:
    """NAME if the value is `env/NAME`, else None."""
    if isinstance(value, str) and re.match(ENVIRONMENT, value):
        return value.removeprefix("env/")
    return None


def in_folder(path: Path, info: ValidationInfo) -> Path:
    """The path, relative to the folder of liferaft.toml, made absolute."""
    folder: Path = info.context["folder"] if info.context else Path()
    return (folder / path).resolve()


def ipv4(value: str) -> str:
    """The address in its one usual spelling."""
    return str(IPv4Address(value))


def as_list(value: object) -> object:
    """A single text as a list of one."""
    return [value] if isinstance(value, str) else value


def existing_file(path: Path, info: ValidationInfo) -> Path:
    """An absolute path to a file that is there."""
    absolute = in_folder(path, info)
    if not absolute.is_file():
        raise ValueError(f"there is no file {absolute}")
    return absolute


def existing_folder(path: Path, info: ValidationInfo) -> Path:
    """An absolute path to a folder that is there."""
    absolute = in_folder(path, info)
    if not absolute.is_dir():
        raise ValueError(f"there is no folder {absolute}")
    return absolute


def file_reference(value: str, info: ValidationInfo) -> str:
    """`env/NAME` as it is, or an absolute path to a file that is there."""
    return value if environment_name(value) else str(existing_file(Path(value), info))
