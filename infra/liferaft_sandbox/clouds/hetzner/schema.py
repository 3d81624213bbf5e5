"""Request bodies checked before anything is touched: unknown, missing and mistyped fields.

The wording of the messages is assumed; that all fields are reported at once is documented.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft_sandbox.clouds.hetzner.errors import invalid_input

Check = Callable[[Any], str | None]
"""Says what is wrong with a value, or None."""

USER_DATA_LIMIT = 32 * 1024  # bytes
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.\-]{0,61}[A-Za-z0-9])?")
_LABEL_KEY = re.compile(rf"([A-Za-z0-9._\-]{{1,253}}/)?{_LABEL_NAME.pattern}")
_HOSTNAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


@dataclass(frozen=True)
class Field:
    """One key of a body. `null` is accepted where the field is not required."""

    check: Check
    required: bool = False


Schema = Mapping[str, Field]


def required(check: Check) -> Field:
    return Field(check, required=True)


def optional(check: Check) -> Field:
    return Field(check)


def checked(body: object, schema: Schema) -> dict[str, Any]:
    """The body without its nulls. Raises invalid_input that names every wrong field."""
    if not isinstance(body, dict):
        raise invalid_input({"body": ["must be an object"]})
    problems = {name: ["Unknown field."] for name in body if name not in schema} | {
        name: [said] for name, said in _problems(body, schema)
    }
    if problems:
        raise invalid_input(problems)
    return {name: value for name, value in body.items() if value is not None}


def _problems(body: dict[str, Any], schema: Schema) -> list[tuple[str, str]]:
    found = []
    for name, field in schema.items():
        value = body.get(name)
        if value is None and field.required:
            found.append((name, "Missing data for required field."))
        elif value is not None and (said := field.check(value)):
            found.append((name, said))
    return found


def text(*, longest: int = 255, shortest: int = 1) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "Not a valid string."
        if not shortest <= len(value) <= longest:
            return f"Length must be between {shortest} and {longest}."
        return None

    return check


def bytes_up_to(limit: int) -> Check:
    """Text of at most `limit` bytes in UTF-8."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "Not a valid string."
        return "is too long" if len(value.encode()) > limit else None

    return check


def hostname(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Not a valid string."
    return None if _HOSTNAME.fullmatch(value) else "Not a valid hostname."


def boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "Not a valid boolean."


def integer(value: Any) -> str | None:
    valid = isinstance(value, int) and not isinstance(value, bool)
    return None if valid else "Not a valid integer."


def id_or_name(value: Any) -> str | None:
    valid = isinstance(value, str) or integer(value) is None
    return None if valid else "Not a valid ID or name."


def one_of(*choices: str) -> Check:
    def check(value: Any) -> str | None:
        return None if value in choices else f"Must be one of: {', '.join(choices)}."

    return check


def network_range(value: Any) -> str | None:
    """The length is a number: `10.0.0.0/255.0.0.0` is another notation."""
    wrong = "Not a valid IP range in CIDR notation."
    if not isinstance(value, str) or not value.rpartition("/")[2].isdecimal():
        return wrong
    return None if _parses(ipaddress.ip_network, value) else wrong


def ipv4_range(value: Any) -> str | None:
    wrong = network_range(value) or not _parses(ipaddress.IPv4Network, value)
    return "Not a valid IPv4 range in CIDR notation." if wrong else None


def ipv4_address(value: Any) -> str | None:
    """A number is none, though Python would read it as one."""
    valid = isinstance(value, str) and _parses(ipaddress.IPv4Address, value)
    return None if valid else "Not a valid IPv4 address."


def ip_address(value: Any) -> str | None:
    """Of either family."""
    valid = isinstance(value, str) and _parses(ipaddress.ip_address, value)
    return None if valid else "Not a valid IP address."


def _parses(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def labels(value: Any) -> str | None:
    """https://docs.hetzner.cloud/reference/cloud#labels"""
    if not isinstance(value, dict):
        return "Not a valid mapping type."
    for key, content in value.items():
        if not _LABEL_KEY.fullmatch(key):
            return f"label key '{key}' is not correctly formatted"
        if not isinstance(content, str) or not (content == "" or _LABEL_NAME.fullmatch(content)):
            return f"label value '{content}' (key: '{key}') is not correctly formatted"
    return None


def list_of(check: Check) -> Check:
    def check_all(value: Any) -> str | None:
        if not isinstance(value, list):
            return "Not a valid list."
        return next((said for item in value if (said := check(item))), None)

    return check_all


def object_of(schema: Schema) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "Not a valid mapping type."
        unknown = next((name for name in value if name not in schema), None)
        if unknown:
            return f"{unknown}: Unknown field."
        return next((f"{name}: {said}" for name, said in _problems(value, schema)), None)

    return check
