"""Caddy and curl: what a site answers to its users."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from tests.models.call import Call
from tests.models.machine import Machine, program
from tests.models.programs.services import starting

from liferaft.edge.caddyfile import STORAGE, Edge
from liferaft.edge.certificates import certificate_path
from liferaft.edge.holding import MARKER_HEADER

CADDYFILE = "/etc/caddy/Caddyfile"


@program("caddy", package="caddy")
async def caddy(call: Call) -> int:
    match call.arguments:
        case ["validate", "--adapter", "caddyfile", "--config", path]:
            return 0 if call.machine.files.read(path) else call.complain("it is empty")
    return call.refuse()


@starting(r"caddy\.service")
def started(machine: Machine) -> bool:
    """With our configuration it has a certificate at once, if it has none yet."""
    domain = served(machine)
    if domain and machine.files.is_folder(STORAGE):
        path = kept_at(machine, domain)
        if not machine.files.is_file(path):
            machine.files.make_folder(path.rpartition("/")[0], 0o700)
            machine.files.write(path, certificate(domain), machine.clock, 0o600)
            machine.files.give(path, owner="caddy:caddy")
    return True


def served(machine: Machine) -> str:
    """The domain of our Caddyfile; empty without one."""
    if not machine.files.is_file(CADDYFILE):
        return ""
    text = machine.files.read(CADDYFILE).decode()
    found = re.search(r"^(?:https://)?([a-z0-9.-]+\.[a-z]+)(?:, .*)? \{", text, re.MULTILINE)
    return found[1] if found else ""


def kept_at(machine: Machine, domain: str) -> str:
    """Where the certificate lies, by the authority that our Caddyfile names."""
    text = machine.files.read(CADDYFILE).decode()
    (directory,) = re.findall(r"^\tacme_ca (\S+)$", text, re.MULTILINE)
    return certificate_path(Edge(domain, "ops@chirp.test", directory))


@cache
def certificate(domain: str) -> bytes:
    """One that holds for some time, as PEM; the same each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    today = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(today - timedelta(hours=1))
    builder = builder.not_valid_after(today + timedelta(days=90))
    names = x509.SubjectAlternativeName([x509.DNSName(domain)])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM)


def answers(machine: Machine, domain: str, *, app: bool) -> str | None:
    """`app` or `holding`, over TLS that holds; None where nothing answers."""
    caddy_ = machine.units.get("caddy.service")
    if caddy_ is None or not caddy_.active or served(machine) != domain:
        return None
    if not machine.files.is_file(kept_at(machine, domain)):
        return None
    return "app" if app else "holding"


def has_app(machine: Machine) -> bool:
    """Whether the application answers here."""
    containers = machine.kept.get("containers", {}).values()
    return any(one["status"] == "running" for one in containers)


@program("curl", package="curl")
async def curl(call: Call) -> int:
    """Our own domain, an object store, or an app behind the edge."""
    url, words = call.arguments[-1], call.arguments
    if "--resolve" in words:
        domain = words[words.index("--resolve") + 1].partition(":")[0]
        said = answers(call.machine, domain, app=has_app(call.machine))
        if said is None:
            return call.complain("(35) TLS connect error", 35)
        marker = f"{MARKER_HEADER.lower()}: away\n" if said == "holding" else ""
        call.say(f"HTTP/2 {200 if said == 'app' else 503}\n{marker}\n")
        return 0
    if "/dev/null" in words:
        if call.machine.hears_nothing_of(url):
            return call.complain("(7) Failed to connect", 7)
        return 0 if call.machine.kept.get("reaches the vault", True) else 7
    if "--http1.1" in words and url.startswith("http://"):
        code = 200 if has_app(call.machine) else 502
        call.say(f"HTTP/1.1 {code}\r\n\r\nwell\n")
        return 0
    return call.refuse()
