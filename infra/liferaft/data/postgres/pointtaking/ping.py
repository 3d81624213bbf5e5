"""A dead man's switch: somebody outside is told that points are young, and alarms when he hears
nothing any more.

Whoever knows the address can keep him quiet, so it is in no argument, no output and no log.
"""

import ssl
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

_SECONDS = 10.0
_WHOLE_SECONDS = 30.0
"""Who answers a letter at a time holds no point up."""
_AUTHORITIES = Path("/etc/liferaft/ca.crt")
"""Those beyond the system's own, where there are any."""


def ping(file: Path) -> str:
    """Ask for the address in the file, once: the next look asks again. Why it was not heard, in
    words that hold nothing of the address; empty where it was."""
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(_ask(file)), daemon=True)
    asking.start()
    asking.join(_WHOLE_SECONDS)
    return said[0] if said else f"no whole answer within {_WHOLE_SECONDS:.0f} s"


def _ask(file: Path) -> str:
    try:
        address = file.read_text().strip()
        request = urllib.request.Request(address, headers={"User-Agent": "points"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=_SECONDS, context=_context()) as answer:  # noqa: S310
            answer.read(1)
    except urllib.error.HTTPError as refused:
        return f"it answered {refused.code}"
    except (OSError, ValueError, HTTPException) as failure:
        return type(failure).__name__  # what it says may quote the address
    return ""


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if _AUTHORITIES.exists():
        context.load_verify_locations(_AUTHORITIES)
    return context
