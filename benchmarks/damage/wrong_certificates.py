"""Certificates that are of no use: one that has expired, and one of another key."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

_DAY = timedelta(days=1)


def expired(pem: bytes) -> bytes:
    """As this one, for the same key, and over since yesterday."""
    return _like(pem, days=(-90, -1))


def of_another_key(pem: bytes) -> bytes:
    """As this one, and in time, for a key that nobody has any more."""
    return _like(pem, days=(-1, 60), key=ec.generate_private_key(ec.SECP256R1()).public_key())


def _like(
    pem: bytes, *, days: tuple[int, int], key: ec.EllipticCurvePublicKey | None = None
) -> bytes:
    first, *_ = x509.load_pem_x509_certificates(pem)
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    public = key or first.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(first.subject)
        .issuer_name(first.issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * _DAY)
        .not_valid_after(now + days[1] * _DAY)
        .add_extension(names.value, critical=names.critical)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)
