"""The secrets of one sandbox, random at every start, and the environment that carries them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from liferaft_sandbox.addresses import AWS_API, GCP_API, HETZNER_API, OBJECTS_PORT

GCS_S3_ENDPOINT = f"https://storage.gcp.test:{OBJECTS_PORT}"
GCP_TOKENS = f"http://{GCP_API}/token"
GCP_PROJECT = "chirp-lab"
GCP_PROJECT_NUMBER = "418029317650"
RSA_BITS = 2048
DROPPED_PREFIXES = (
    *("AWS_", "HCLOUD_", "HETZNER_", "GOOGLE_", "CLOUDSDK_", "GCS_", "LIFERAFT_", "POWERDNS_"),
)
DROPPED = frozenset(
    {
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYTHONHOME"),
        *("NODE_EXTRA_CA_CERTS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HTTPLIB2_CA_CERTS"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    }
)
"""Variables that lead to the real world: its accounts, its trust, its proxies."""


@dataclass(frozen=True)
class KeyPair:
    """An S3 identity."""

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def make(cls) -> "KeyPair":
        """A new one, in the shape that AWS's own have."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        key_id = "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16))
        return cls(key_id, secrets.token_hex(20))


@dataclass(frozen=True)
class VaultKeys:
    """The three pairs of a vault: its operator's, what servers hold, and what only reads."""

    operator: KeyPair = field(default_factory=KeyPair.make)
    hosts: KeyPair = field(default_factory=KeyPair.make)
    reading: KeyPair = field(default_factory=KeyPair.make)


@dataclass(frozen=True)
class SshKey:
    """An Ed25519 key in OpenSSH's formats; `public` is one line without a comment."""

    public: str
    private: str = field(repr=False)

    @classmethod
    def make(cls) -> "SshKey":
        """A new one."""
        key = ed25519.Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return cls(public.decode(), private.decode())


@dataclass(frozen=True)
class ServiceAccount:
    """A service account with one key, both halves in PEM."""

    email: str
    key_id: str
    public_key: str
    private_key: str = field(default="", repr=False)
    """Needed only where the account's JSON file is written; a seed works without."""

    @classmethod
    def make(cls, project: str, name: str = "liferaft") -> "ServiceAccount":
        """A new one with a fresh RSA key."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        private = key.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )
        email = f"{name}@{project}.iam.gserviceaccount.com"
        return cls(email, secrets.token_hex(20), public.decode(), private.decode())


@dataclass(frozen=True)
class Credentials:
    """Everything that opens something in the sandbox."""

    aws: KeyPair = field(default_factory=KeyPair.make)
    gcp_objects: KeyPair = field(default_factory=KeyPair.make)
    hetzner_objects: KeyPair = field(default_factory=KeyPair.make)
    colo_objects: KeyPair = field(default_factory=KeyPair.make)
    gcp: ServiceAccount = field(default_factory=lambda: ServiceAccount.make(GCP_PROJECT))
    vault: VaultKeys = field(default_factory=VaultKeys)
    depot: VaultKeys = field(default_factory=VaultKeys)
    """The second vault's."""
    ssh: SshKey = field(default_factory=SshKey.make)
    """Lets the operator in at the machines that are rented without an API."""
    hetzner_token: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    powerdns_key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    identity: pyrage.x25519.Identity = field(
        default_factory=pyrage.x25519.Identity.generate, repr=False
    )


@dataclass(frozen=True)
class KeyFiles:
    """Where an operator's files are."""

    ca: Path
    depot_ca: Path
    """Who signed the second vault's certificate: nobody that `ca` holds."""
    identity: Path
    ssh: Path
    google: Path
    """The service account's JSON."""


def operator_environment(credentials: Credentials, files: KeyFiles) -> dict[str, str]:
    """What an operator of the app has in the environment: accounts, endpoints, trust."""
    aws, hetzner = credentials.aws, credentials.hetzner_objects
    return {
        "AWS_ACCESS_KEY_ID": aws.access_key_id,
        "AWS_SECRET_ACCESS_KEY": aws.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{AWS_API}",
        "AWS_ENDPOINT_URL_S3": f"https://s3.aws.test:{OBJECTS_PORT}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "GOOGLE_APPLICATION_CREDENTIALS": str(files.google),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"http://{GCP_API}/compute/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS": f"http://{GCP_API}/dns/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_ORGPOLICY": f"http://{GCP_API}/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"http://{GCP_API}/storage/v1/",
        **_gcloud(files),
        "GCS_HMAC_ACCOUNT": "chirp-media@chirp-lab.iam.gserviceaccount.com",
        "GCS_S3_ENDPOINT": GCS_S3_ENDPOINT,
        "HCLOUD_TOKEN": credentials.hetzner_token,
        "HCLOUD_ENDPOINT": f"http://{HETZNER_API}/v1",
        "HETZNER_S3_ENDPOINT": f"https://fsn1.hetzner.test:{OBJECTS_PORT}",
        "HETZNER_S3_ACCESS_KEY_ID": hetzner.access_key_id,
        "HETZNER_S3_SECRET_ACCESS_KEY": hetzner.secret_access_key,
        "LIFERAFT_SSH_KEY_FILE": str(files.ssh),
        "LIFERAFT_S3_ACCESS_KEY_ID": credentials.colo_objects.access_key_id,
        "LIFERAFT_S3_SECRET_ACCESS_KEY": credentials.colo_objects.secret_access_key,
        **_keys("LIFERAFT_BUCKET_AWS_EAST", aws),
        **_keys("LIFERAFT_BUCKET_GCP", credentials.gcp_objects),
        **_keys("LIFERAFT_BUCKET_HETZNER", hetzner),
        **_keys("LIFERAFT_BUCKET_COLO", credentials.colo_objects),
        **_vault_keys("MAIN", credentials.vault),
        **_vault_keys("DEPOT", credentials.depot),
        "POWERDNS_API_KEY": credentials.powerdns_key,
        "LIFERAFT_CA_FILE": str(files.ca),
        "LIFERAFT_DEPOT_CA_FILE": str(files.depot_ca),
        "LIFERAFT_IDENTITY_FILE": str(files.identity),
        "LIFERAFT_RECIPIENT": str(credentials.identity.to_public()),
    }


def _gcloud(files: KeyFiles) -> dict[str, str]:
    """Lets Google's command line in as the operator, whatever it knows of its user at home."""
    return {
        "CLOUDSDK_CONFIG": str(files.google.with_name("gcloud")),
        "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": str(files.google),
        "CLOUDSDK_AUTH_TOKEN_HOST": GCP_TOKENS,
        "CLOUDSDK_CORE_PROJECT": GCP_PROJECT,
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "true",
    }


def _vault_keys(name: str, keys: VaultKeys) -> dict[str, str]:
    return {
        **_keys(f"LIFERAFT_VAULT_{name}", keys.operator),
        **_keys(f"LIFERAFT_HOSTS_VAULT_{name}", keys.hosts),
        **_keys(f"LIFERAFT_READING_VAULT_{name}", keys.reading),
    }


def _keys(prefix: str, pair: KeyPair) -> dict[str, str]:
    return {
        f"{prefix}_ACCESS_KEY_ID": pair.access_key_id,
        f"{prefix}_SECRET_ACCESS_KEY": pair.secret_access_key,
    }


def without_the_world(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without what belongs to real accounts, proxies and trust of the machine."""
    return {
        key: value
        for key, value in environment.items()
        if key not in DROPPED and not key.startswith(DROPPED_PREFIXES)
    }
