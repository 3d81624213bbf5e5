"""The account that exists from the start: a project, its service accounts, its object store."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.credentials import ServiceAccount

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Objects:
    """The S3 store behind Cloud Storage. `ca_file` is a path; empty for the system's trust."""

    endpoint: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    ca_file: str = ""


@dataclass(frozen=True)
class Seed:
    """What the seed file holds: `to_json` writes it, `read` reads it.

    ```json
    {"project": "chirp-lab", "project_number": "418029317650",
     "service_accounts": [{"email": "…", "key_id": "…", "public_key": "-----BEGIN PUBLIC KEY…"}],
     "objects": {"endpoint": "https://storage.gcp.test:8443", "access_key_id": "…",
                 "secret_access_key": "…", "ca_file": "/…/ca.pem"}}
    ```

    `objects` may be null: Cloud Storage then keeps objects in memory. Private keys are not in the
    file; `service_account_json` gives the operator's half.
    """

    project: str
    project_number: str
    service_accounts: tuple[ServiceAccount, ...]
    objects: Objects | None = None

    @classmethod
    def make(cls, project: str = "chirp-lab", objects: Objects | None = None) -> Seed:
        """A project with one fresh service account."""
        number = str(100_000_000_000 + secrets.randbelow(800_000_000_000))
        return cls(project, number, (ServiceAccount.make(project),), objects)

    @classmethod
    def read(cls, path: Path) -> Seed:
        """Raises OSError, ValueError, KeyError or TypeError when it is not a seed file."""
        said = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            project=said["project"],
            project_number=said["project_number"],
            service_accounts=tuple(ServiceAccount(**one) for one in said["service_accounts"]),
            objects=Objects(**said["objects"]) if said.get("objects") else None,
        )

    def to_json(self) -> dict[str, Any]:
        """What the control plane may know. It holds the object store's secret key."""
        return {
            "project": self.project,
            "project_number": self.project_number,
            "service_accounts": [
                {"email": one.email, "key_id": one.key_id, "public_key": one.public_key}
                for one in self.service_accounts
            ],
            "objects": asdict(self.objects) if self.objects else None,
        }

    def service_account_json(self, token_uri: str) -> str:
        """The file that GOOGLE_APPLICATION_CREDENTIALS names, for the first account. Secret."""
        account = self.service_accounts[0]
        return json.dumps(
            {
                "type": "service_account",
                "project_id": self.project,
                "private_key_id": account.key_id,
                "private_key": account.private_key,
                "client_email": account.email,
                "client_id": self.project_number,
                "auth_uri": token_uri.removesuffix("/token") + "/o/oauth2/auth",
                "token_uri": token_uri,
                "universe_domain": "googleapis.com",
            },
            indent=2,
        )
