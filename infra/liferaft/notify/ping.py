"""A dead man's switch: somebody outside is told that all is well, and alarms when he hears nothing
any more. A machine that is gone can alarm nobody.

Whoever knows the address can keep him quiet, so it is in no argument, no output and no log.
"""

import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final

from pydantic import SecretStr

SECONDS: Final = 10.0
WHOLE_SECONDS: Final = 20.0
"""Who answers a letter at a time holds nobody up."""


def ping(address: SecretStr) -> str:
    """Ask for the address, once. Why it was not heard, in words that hold nothing of the address;
    empty where it was. Blocks, for WHOLE_SECONDS at most."""
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(_ask(address)), daemon=True)
    asking.start()
    asking.join(WHOLE_SECONDS)
    return said[0] if said else f"no whole answer within {WHOLE_SECONDS:.0f} s"


def _ask(address: SecretStr) -> str:
    try:
        request = urllib.request.Request(  # noqa: S310  # an https URL, or a test's own
            address.get_secret_value(), headers={"User-Agent": "liferaft"}
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            answer.read(1)
    except urllib.error.HTTPError as refused:
        return f"it answered {refused.code}"
    except (OSError, ValueError, HTTPException) as failure:
        return type(failure).__name__  # what it says may quote the address
    return ""
