"""The certificates of the lab's stores, and the authority that signed them."""

import datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificates(work: Path) -> None:
    """ca.crt, and store.crt with its key, in a folder."""
    now = datetime.datetime.now(datetime.UTC)

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def unsigned(subject: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("Data lab"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    ca, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = unsigned("Data lab", ca.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    names = [
        x509.DNSName("objects.lab.test"),
        x509.DNSName("objects.second.test"),
        x509.IPAddress(IPv4Address("10.99.0.1")),
    ]
    store = unsigned("objects.lab.test", leaf.public_key()).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    pem = serialization.Encoding.PEM
    (work / "ca.crt").write_bytes(authority.sign(ca, hashes.SHA256()).public_bytes(pem))
    (work / "store.crt").write_bytes(store.sign(ca, hashes.SHA256()).public_bytes(pem))
    (work / "store.key").write_bytes(
        leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
