"""An SSH connection to a host whose key is known, tried until the host has booted."""

import asyncio
import os
import time
from dataclasses import dataclass, field

import asyncssh
from pydantic import SecretStr

from liferaft.failures import BadInput, Own
from liferaft.remote import penalties
from liferaft.remote.contract import HostKeyMismatch, Unreachable

_ATTEMPT_SECONDS = 5.0
_PAUSE_SECONDS = 0.1
"""Before the next attempt, where the last one cost us nothing there."""


@dataclass(frozen=True)
class Endpoint:
    """Where to connect, as whom, and which host keys to accept."""

    address: str
    port: int
    user: str
    client_key: SecretStr
    host_keys: tuple[str, ...] = field(repr=False)


async def open_session(
    endpoint: Endpoint, deadline: float, *, booting: bool = True
) -> asyncssh.SSHClientConnection:
    """A connection, at most `deadline` seconds from now.

    A host that boots refuses, stays silent, or does not know our key yet: each is tried again. One
    that is not `booting` is asked once. No server is asked so often that it would turn us away
    (`penalties`); of the time for one question nothing is taken by that, so that its answer is
    the server's own. Raises HostKeyMismatch at once, never tried again, and
    Unreachable with the last reason, which is its cause.
    """
    options = _options(endpoint)
    if not booting:
        await asyncio.sleep(penalties.pause(endpoint.address, endpoint.port))
    end = time.monotonic() + deadline
    reason = "no attempt was made"
    cause: Exception | None = None
    while (left := end - time.monotonic()) > 0:
        pause = penalties.pause(endpoint.address, endpoint.port) if booting else 0.0
        if pause > 0:
            await asyncio.sleep(min(pause, left))
            continue
        try:
            async with asyncio.timeout(min(left, _ATTEMPT_SECONDS)):
                return await asyncssh.connect(endpoint.address, endpoint.port, options=options)
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            _note(endpoint, error)
            raise _mismatch(endpoint, str(error)) from error
        except TimeoutError as error:
            if cause is None or left >= _ATTEMPT_SECONDS:  # cut short, it tells nothing new
                reason, cause = "no answer", error
        except (asyncssh.Error, OSError) as error:
            _note(endpoint, error)
            reason, cause = _words(error), error
        if not booting:
            break
        await asyncio.sleep(min(_PAUSE_SECONDS, max(end - time.monotonic(), 0)))
    waited = f"Waited {deadline:g} seconds for" if booting else "Asked once for"
    raise Unreachable(
        f"{waited} SSH as {endpoint.user} at "
        f"{endpoint.address}:{endpoint.port}; the last attempt ended with: {reason}",
        do="See the host's console at its cloud, and whether its firewall lets this place in.",
        details={"host": endpoint.address},
    ) from cause


def _note(endpoint: Endpoint, error: Exception) -> None:
    """What the attempt has cost there; nothing where nobody listens."""
    if isinstance(error, asyncssh.PermissionDenied):
        penalties.note(endpoint.address, endpoint.port, penalties.REFUSED_SECONDS)
    elif isinstance(error, asyncssh.Error | ConnectionResetError | BrokenPipeError):
        penalties.note(endpoint.address, endpoint.port, penalties.CLOSED_SECONDS)


def _options(endpoint: Endpoint) -> asyncssh.SSHClientConnectionOptions:
    """Nothing from the operator's own SSH: no configuration, no agent, no known_hosts file."""
    try:
        trusted = [asyncssh.import_public_key(line) for line in endpoint.host_keys]
        client = asyncssh.import_private_key(endpoint.client_key.get_secret_value())
    except asyncssh.KeyImportError as error:
        raise BadInput(f"An SSH key for {endpoint.address} cannot be read: {error}") from None
    if not trusted:
        raise BadInput(f"There is no pinned host key for {endpoint.address}")
    return asyncssh.SSHClientConnectionOptions(
        username=endpoint.user,
        client_keys=[client],
        known_hosts=(trusted, [], []),
        config=None,
        agent_path=None,
        preferred_auth="publickey",
        x509_trusted_certs=None,
        connect_timeout=_ATTEMPT_SECONDS,
        login_timeout=_ATTEMPT_SECONDS,
        keepalive_interval=5,
        keepalive_count_max=3,
    )


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()  # asyncio's own words hide which errno it was
    return str(error) or type(error).__name__


def _mismatch(endpoint: Endpoint, reason: str) -> HostKeyMismatch:
    return HostKeyMismatch(
        f"{endpoint.address} does not prove the host key that was pinned for it: {reason}",
        safe=Own("The connection was ended before anything was sent."),
        do="Find out who answers at this address. Was the server rebuilt outside liferaft, deploy "
        "it again; else somebody is in the middle.",
        details={"host": endpoint.address, "pinned": ", ".join(endpoint.host_keys)},
    )
