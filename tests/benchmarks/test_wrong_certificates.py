"""Certificates that a trial breaks recovery points with are wrong in one way each."""

from datetime import UTC, datetime, timedelta

from benchmarks.damage.wrong_certificates import expired, of_another_key
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

NOW = datetime.now(UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def usual() -> x509.Certificate:
    name = x509.Name([])
    names = x509.SubjectAlternativeName([x509.DNSName("chirp.test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.serial_number(1).public_key(KEY.public_key()).add_extension(names, True)
    until = NOW + timedelta(days=30)
    return builder.not_valid_before(NOW).not_valid_after(until).sign(KEY, hashes.SHA256())


def changed(wrong: bytes) -> tuple[bool, bool, list[str]]:
    """Whether it is in time and of the key, and its names."""
    made = x509.load_pem_x509_certificate(wrong)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    in_time = made.not_valid_before_utc < NOW < made.not_valid_after_utc
    return in_time, made.public_key() == KEY.public_key(), names.get_values_for_type(x509.DNSName)


def test_one_is_too_old_and_one_is_of_another_key() -> None:
    pem = usual().public_bytes(Encoding.PEM)
    assert changed(expired(pem)) == (False, True, ["chirp.test"])
    assert changed(of_another_key(pem)) == (True, False, ["chirp.test"])
