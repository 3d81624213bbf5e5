"""The certificate that is served to users, asked for as a user's program does."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from liferaft.failures import BadInput

PORT: Final = 443
ASK_SECONDS: Final = 5.0


@dataclass(frozen=True)
class ServedCertificate:
    """begins, ends: UTC. fault: why a user's program refuses it; None where it does not."""

    begins: datetime
    ends: datetime
    fault: str | None = None


def served_certificate(
    address: str, domain: str, ca_file: Path | None, *, port: int = PORT
) -> ServedCertificate:
    """What `address` shows to whoever asks for the domain. Blocks, some ASK_SECONDS for each of two
    connections at most. Raises OSError where nobody answers there, BadInput for a ca_file that is
    none.

    ca_file: an authority to trust besides the system's.
    """
    fault: str | None = None
    try:
        seen = _shown(address, domain, port, users_trust(ca_file))
    except ssl.SSLCertVerificationError as refusal:
        fault = refusal.verify_message
        seen = _shown(address, domain, port, _believing())
    found = x509.load_der_x509_certificate(seen)
    return ServedCertificate(found.not_valid_before_utc, found.not_valid_after_utc, fault)


def _shown(address: str, domain: str, port: int, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection((address, port), timeout=ASK_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=domain) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def users_trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, and that of a ca_file. Raises BadInput for one that is none."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError too
            raise BadInput(
                f"The authority {ca_file} cannot be used: {error.strerror or error}",
                do="Correct tls.ca_file, or the variable that it names.",
            ) from error
    return context


def _believing() -> ssl.SSLContext:
    """To read what was refused; nothing is sent over it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
