"""Files that an operator wrote or was given, read whole: configuration, keys, authorities.

A pipe would be waited for without an end, a device read for ever, and a file of megabytes is
something else that has the name by mistake.
"""

import re
import ssl
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 256 * 1024
"""Bytes: some thousand lines, more than any of these files has."""

_CERTIFICATE: Final = re.compile(
    rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.*?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL
)
LARGEST_BUNDLE: Final = 4 * 1024**2
"""Bytes: every authority that a system trusts is a fourth of a mebibyte."""


class Unreadable(Exception):
    """The message is the reason, in a few words."""


def reason_of(error: Exception) -> str:
    """Why a path could not be looked at."""
    told = getattr(error, "strerror", None)
    return (
        told
        or ("links that lead to each other" if isinstance(error, RuntimeError) else "")
        or (str(error))
    )


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """What is in the file. Raises Unreadable; FileNotFoundError is its cause where there is none.
    Blocks."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("it is no file")
        with path.open("rb") as file:
            body = file.read(largest + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that there cannot be
        raise Unreadable(reason_of(error)) from error
    if len(body) > largest:
        raise Unreadable(f"it is larger than {largest // 1024} KiB")
    return body


def read_text(path: Path) -> str:
    """What is in the file, with line feeds alone and without a mark of byte order. Raises
    Unreadable, as above."""
    body = read_bytes(path)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {line} holds bytes that are no UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_authority(path: Path) -> bytes:
    """Certificates in PEM, with whatever is written between them; ends with a line's end. Raises
    Unreadable, as above, also where there is none that could be trusted."""
    body = read_bytes(path, LARGEST_BUNDLE)
    found = _CERTIFICATE.findall(body)
    if not found:
        raise Unreadable("it holds no certificate in PEM")
    try:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.load_verify_locations(cadata=b"\n".join(found).decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise Unreadable("it holds a certificate that is damaged") from error
    return body if body.endswith(b"\n") else body + b"\n"
