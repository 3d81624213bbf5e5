"""How users get on with several app servers, one of which may die."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Balancing:
    """What Caddy does where there are several app servers, in its own words.

    A dead one is left out after the first request that finds nobody, and the health checks (each
    half a second, and as long as a connection may take) have found it by the time it would be
    asked again. Where all failed a moment ago, a request that changes nothing waits until they are
    asked again.
    """

    connects_within: str = "1s"
    """In one private network; less would take a busy machine for a dead one."""
    left_out: str = "2s"
    tried_for: str = "3s"
    """As long the holding page takes where all are away; whoever looks for it gives it 5 s."""
    again_after: str = "100ms"
    safe_methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")
    """Those that change nothing, which alone are sent to another server. Caddy 2.6.2 closes a
    request's body when a connection fails: sent once more it fails at the next server too, which is
    then left out as well (`http: invalid Read on closed Body`).
    https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1
    """


BALANCING: Final = Balancing()
