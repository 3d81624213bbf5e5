"""requests as the SDKs use it, with the credentials and the authorities that it is given.

By itself it would put a password of ~/.netrc in place of a token, and the authorities of
REQUESTS_CA_BUNDLE in place of ours. Proxies it takes from the environment, as everything does.
"""

from typing import Any

import requests

from liferaft.clouds.timeouts import CONNECT_TIMEOUT, READ_TIMEOUT


class Connections(requests.adapters.HTTPAdapter):
    """Does not retry; knows one pair of timeouts and one set of authorities for all requests."""

    def __init__(self, ca_file: str | None) -> None:
        super().__init__(pool_maxsize=20)
        self._verify = ca_file or True

    def send(self, request: Any, **settings: Any) -> requests.Response:  # type: ignore[override]  # the rest is passed on
        ours = {"timeout": (CONNECT_TIMEOUT, READ_TIMEOUT), "verify": self._verify, "cert": None}
        return super().send(request, **{**settings, **ours})


def tame(session: requests.Session, connections: Connections) -> None:
    """Have a session send through these connections, with the headers that it was given."""
    session.mount("https://", connections)
    session.mount("http://", connections)
    session.auth = _as_it_is


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
