"""Stores of three makes for the suite of vaults: each over TLS, by an authority of its own."""

import datetime
import ipaddress
import json
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from tests.moto_store import moto_store
from tests.seaweed import port_of_its_own

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.vault import Vault, VaultFailure, open_vault
from liferaft_sandbox.state import cache_folder
from liferaft_sandbox.vendors.policies import Policy, of_bucket
from liferaft_sandbox.vendors.versity import build_versity

WEED = Path(__file__).parents[2] / ".venv/bin/weed"
KEY_ID, KEY, BUCKET = "vault-key", "vault-secret", "chirp-vault"
START_SECONDS = 90.0


@dataclass(frozen=True)
class Served:
    """A bucket, and the authority that signed its store's certificate."""

    endpoint: str
    ca_file: Path
    bucket: str = BUCKET

    def vault(self, *, secret: str = KEY) -> Vault:
        return self._opened(secret, self.ca_file)

    def vault_without_authority(self) -> Vault:
        return self._opened(KEY, None)

    def _opened(self, secret: str, ca_file: Path | None) -> Vault:
        return stored_in_s3(self.endpoint, ca_file, bucket=self.bucket, secret=secret)


def certificate(folder: Path, address: str) -> None:
    """A certificate for one address that is its own authority: server.pem, server.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "objects")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@contextmanager
def seaweed_store(**others: "Callable[[str], Policy] | list[str]") -> Iterator[Served]:
    """others: what further keys may do, whose id and secret are these names: by a policy, or in the
    store's own words.

    A SeaweedFS with TLS on a loopback address of its own, and a /tmp of its own.

    It opens sockets with fixed names in /tmp, hence its own. Its folder must stand elsewhere:
    hidden under that /tmp it finds no room for volumes, and every write hangs.
    """
    address = f"127.77.{os.getpid() % 250 + 1}.{secrets.randbelow(250) + 1}"
    port = port_of_its_own()
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        certificate(folder, address)
        keys = [{"accessKey": KEY_ID, "secretKey": KEY}]
        mine = {"name": "v", "credentials": keys, "actions": ["Admin"]}
        theirs = [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": name}],
                **(
                    {"actions": [f"{action}:{BUCKET}" for action in may]}
                    if isinstance(may, list)
                    else {"policyNames": [name]}
                ),
            }
            for name, may in others.items()
        ]
        attached = [
            {"name": name, "content": json.dumps(may(BUCKET))}
            for name, may in others.items()
            if not isinstance(may, list)
        ]
        identities = {"identities": [mine, *theirs], "policies": attached}
        (folder / "s3.json").write_text(json.dumps(identities))
        (folder / "data").mkdir()
        weed = (
            # Opened before /tmp is covered: the repository may lie there.
            f"exec 9<{WEED} && mount -t tmpfs tmpfs /tmp && exec /proc/self/fd/9 "
            f"-logdir={folder}/data mini -dir={folder}/data "
            f"-ip={address} -ip.bind={address} -master.telemetry=false "
            f"-webdav=false -admin.ui=false -bucket={BUCKET} -s3.port={port_of_its_own()} "
            f"-s3.port.https={port} -s3.cert.file={folder}/server.pem "
            f"-s3.key.file={folder}/server.key -s3.config={folder}/s3.json "
            "-s3.port.iceberg=0 -s3.port.lance=0 "
            "-filer.localSocket=/tmp/filer.sock -s3.localSocket=/tmp/s3.sock"
        )
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", weed],
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                served = Served(f"https://{address}:{port}", folder / "server.pem")
                _wait_for(served.vault(), process, folder / "log")
                yield served
            finally:
                process.kill()


@contextmanager
def versity_store(**others: "Callable[[str], Policy]") -> Iterator[Served]:
    """Versity's gateway with TLS on a loopback address of its own: compiled, unless it was. others:
    what further users may do in its bucket, whose id and secret are these names."""
    gateway = build_versity(cache_folder(), print)
    address = f"127.76.{os.getpid() % 250 + 1}.{secrets.randbelow(250) + 1}"
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        certificate(folder, address)
        (folder / "objects").mkdir()
        (folder / "versions").mkdir()
        nobody = {"role": "user", "userID": 0, "groupID": 0, "projectID": 0}
        users = {name: {"access": name, "secret": name, **nobody} for name in others}
        (folder / "users.json").write_text(json.dumps({"accessAccounts": users}))
        served = Served(f"https://{address}:8443", folder / "server.pem")
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [
                    *(str(gateway), "--quiet", "--keep-alive", f"--port={address}:8443"),
                    *(f"--cert={folder}/server.pem", f"--key={folder}/server.key"),
                    f"--iam-dir={folder}",
                    *("posix", f"--versioning-dir={folder}/versions", str(folder / "objects")),
                ],
                env={"ROOT_ACCESS_KEY_ID": KEY_ID, "ROOT_SECRET_ACCESS_KEY": KEY},
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                s3 = _make_bucket(served, process)
                if others:
                    may = of_bucket((name, policy(BUCKET)) for name, policy in others.items())
                    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(may))
                yield served
            finally:
                process.kill()


def _make_bucket(served: Served, process: subprocess.Popen[bytes]) -> Any:
    """Whoever made it, as boto3 knows them."""
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=served.endpoint,
        verify=str(served.ca_file),
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=KEY,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )
    end = time.monotonic() + START_SECONDS
    reason = "nothing was tried"
    while process.poll() is None and time.monotonic() < end:
        try:
            s3.create_bucket(Bucket=served.bucket)
        except (BotoCoreError, ClientError) as error:
            reason = str(error)
            time.sleep(0.1)
        else:
            return s3
    pytest.fail(f"versitygw made no bucket: {reason}; exit {process.returncode}")


@contextmanager
def moto_buckets(folder: Path) -> Iterator[tuple[Served, Served]]:
    """One that demands nothing, and one that locks what is written there."""
    with moto_store(folder, key=KEY_ID, secret=KEY) as store:
        store.make_bucket(BUCKET)
        store.make_locked_bucket(f"{BUCKET}-locked")
        plain = Served(store.url, store.ca_file)
        yield plain, replace(plain, bucket=f"{BUCKET}-locked")


def _wait_for(vault: Vault, process: subprocess.Popen[bytes], log: Path) -> None:
    """It listens before its bucket is there, and there are volumes to write to."""
    end = time.monotonic() + START_SECONDS
    reason = "nothing was tried"
    while process.poll() is None and time.monotonic() < end:
        try:
            vault.put("up", b"")
        except VaultFailure as failure:
            reason = failure.facts.happened
            time.sleep(0.1)
        else:
            return
    said = log.read_text(errors="replace")[-2000:]
    pytest.fail(f"weed did not take a write: {reason}; exit {process.returncode}; {said}")


def stored_in_s3(
    endpoint: str, ca_file: Path | None, *, bucket: str = BUCKET, secret: str = KEY
) -> Vault:
    config = VaultConfig(url=f"s3://{bucket}", endpoint=endpoint)
    credentials = VaultCredentials(SecretStr(KEY_ID), SecretStr(secret), ca_file)
    return open_vault("main", config, credentials, prefix=f"chirp-{secrets.token_hex(4)}")
