"""rclone on a host, for files: the sealed remotes over a vault, and one command line.

Sealed means rclone crypt: names, folders and content are encrypted on the host. What stays readable
in the vault: the number of objects, their sizes to within a few bytes, how deep their names nest,
and their times. Buckets are copied by bucketcopy: rclone sees files where S3 has keys.
"""

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from liferaft.remote.acts import HostActFailed, act
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile, folder, put_changed
from liferaft.site.reach import VaultAccess
from liferaft.vault.layout import EpochKeys, digits

PACKAGES: Final = ("rclone",)
"""What a server needs that brings something from the vault, or there."""
CONFIG_FOLDER: Final = "/etc/liferaft/rclone"
_OBSCURING_KEY: Final = bytes.fromhex(
    "9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638"
)
"""Public, from rclone's fs/config/obscure: against shoulders, not against thieves."""

FLAGS: Final = (
    "--transfers=16",
    "--checkers=16",
    "--fast-list",
    "--s3-no-check-bucket",
    "--s3-no-head",
    "--retries=3",
    "--low-level-retries=5",
    "--contimeout=5s",
    "--timeout=30s",
)
SEALING: Final = "sealing"
"""The remote of `Sealed.config_of_folder`."""
ONLY_READ: Final = "The vault is untouched: this only reads there."
_SYSTEM_AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"


def ca_files(vault: VaultAccess) -> tuple[str, ...]:
    return () if vault.ca_file is None else (vault.ca_file,)


@dataclass(frozen=True)
class CryptSecrets:
    """The two secrets of rclone crypt: what encrypts, and the salt of the key."""

    password: str = field(repr=False)
    salt: str = field(repr=False)


@dataclass(frozen=True)
class Sealed:
    """One vault under one seal, from a host's point of view."""

    vault: VaultAccess
    seal: CryptSecrets
    apart: str = ""
    """How the names end of files on a host that are for this vault; nothing where it is alone."""

    def path(self, area: str, epoch: int, *names: str) -> str:
        """`sealed-main-00000001-bucket:media`: what lies below is encrypted, the area is not."""
        return f"{_sealed_name(self.vault, area, epoch)}:{'/'.join(names)}"

    def folder(self, area: str, epoch: int) -> str:
        """The key below which an area lies in the vault, relative to the app's prefix."""
        return EpochKeys(epoch).data(area)

    def raw_path(self, key: str) -> str:
        """Objects of the vault as they lie there."""
        return f"{self.vault.name}:{self.vault.bucket}/{self.vault.prefix}{key}"

    def config(self, area: str, *epochs: int) -> str:
        """Sections of rclone's configuration: the sealed remote of each epoch, and the vault."""
        return "".join(self._crypt_section(area, epoch) for epoch in epochs) + s3_section(
            self.vault.name,
            url=self.vault.url,
            region=self.vault.region,
            access_key=self.vault.access_key,
            secret_key=self.vault.secret_key,
        )

    def config_of_folder(self, folder: str) -> str:
        """A section for a folder of the host, in which files get the content that they would have
        in the vault, and keep their names, with `.bin` behind. Its name is `SEALING`."""
        named = {"filename_encryption": "off", "directory_name_encryption": "false"}
        return self._crypt(SEALING, folder, named)

    def _crypt_section(self, area: str, epoch: int) -> str:
        remote = self.raw_path(self.folder(area, epoch))
        # Names may be 1.5 times as long as with base32 before a store refuses them.
        named = {"filename_encoding": "base64"}
        return self._crypt(_sealed_name(self.vault, area, epoch), remote, named)

    def _crypt(self, name: str, remote: str, named: Mapping[str, str]) -> str:
        secrets = {
            "password": obscured(self.seal.password),
            "password2": obscured(self.seal.salt),
        }
        return _section(name, {"type": "crypt", "remote": remote, **secrets, **named})


def _sealed_name(vault: VaultAccess, area: str, epoch: int) -> str:
    return f"sealed-{vault.name}-{digits(epoch)}-{area}"


def s3_section(name: str, *, url: str, region: str, access_key: str, secret_key: str) -> str:
    return _section(
        name,
        {
            "type": "s3",
            "provider": "Other",
            "endpoint": url,
            "region": region,
            "access_key_id": access_key,
            "secret_access_key": secret_key,
            "force_path_style": "true",
            "acl": _access_list(url),
        },
    )


def _access_list(url: str) -> str:
    """What it says of access with each object that it writes: 1.60 cannot say nothing.

    A bucket of AWS has its lists switched off, and takes by its documentation none but this. Others
    know fewer of them, and all know `private`, but for those that have none: Google's with uniform
    access refuse either.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
    https://github.com/rclone/rclone/issues/5730
    """
    host = urlsplit(url).hostname or ""
    is_aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    return "bucket-owner-full-control" if is_aws else "private"


def _section(name: str, values: Mapping[str, str]) -> str:
    return "".join([f"[{name}]\n", *(f"{key} = {value}\n" for key, value in values.items())])


def obscured(secret: str) -> str:
    """As `rclone obscure` does it: AES-CTR under a public key, base64 without padding.

    The nonce comes from the secret, so that an unchanged configuration is an unchanged file.
    """
    nonce = hashlib.sha256(b"liferaft rclone obscure\0" + secret.encode()).digest()[:16]
    encryptor = Cipher(algorithms.AES(_OBSCURING_KEY), modes.CTR(nonce)).encryptor()
    hidden = nonce + encryptor.update(secret.encode()) + encryptor.finalize()
    return base64.urlsafe_b64encode(hidden).decode().rstrip("=")


@dataclass(frozen=True)
class Rclone:
    """rclone on one host with one configuration file, which only root can read."""

    host: Host
    name: str
    ca_files: tuple[str, ...] = ()
    """Authorities beside the system's; paths on the host."""

    @property
    def _ca_path(self) -> str:
        """One bundle for all remotes: rclone takes one, and then looks at no other."""
        return f"{CONFIG_FOLDER}/{self.name}.ca.pem"

    @property
    def config_path(self) -> str:
        return f"{CONFIG_FOLDER}/{self.name}.conf"

    def config_file(self, sections: str) -> HostFile:
        return HostFile(self.config_path, sections.encode(), mode=0o600)

    async def configure(self, sections: str) -> None:
        await folder(self.host, "/etc/liferaft")
        await folder(self.host, CONFIG_FOLDER, mode=0o700)
        await put_changed(self.host, [self.config_file(sections)])
        if self.ca_files:
            bundle = shlex.join(["cat", _SYSTEM_AUTHORITIES, *sorted(set(self.ca_files))])
            await act(
                self.host,
                ["bash", "-c", f"{bundle} > {self._ca_path}"],
                doing="Collecting the authorities that sign the object stores",
            )

    def argv(self, *arguments: str) -> list[str]:
        """The flags hold no secret; all of those are in the configuration file."""
        authorities = [f"--ca-cert={self._ca_path}"] if self.ca_files else []
        return ["rclone", f"--config={self.config_path}", *FLAGS, *authorities, *arguments]

    async def run(
        self,
        *arguments: str,
        doing: str,
        deadline: float,
        failure: type[HostActFailed] = HostActFailed,
        safe: str = "",
    ) -> str:
        return await act(
            self.host,
            self.argv(*arguments),
            doing=doing,
            deadline=deadline,
            failure=failure,
            safe=safe,
        )

    async def size(self, path: str, *, doing: str, deadline: float = 600.0) -> "StoredSize":
        said = await self.run(
            *("size", "--json", path), doing=doing, deadline=deadline, safe=ONLY_READ
        )
        answer = json.loads(said)
        return StoredSize(count=answer["count"], size=answer["bytes"])


@dataclass(frozen=True)
class StoredSize:
    count: int
    size: int
    """Bytes, before sealing."""
