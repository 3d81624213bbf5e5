"""The one account that the simulated AWS knows, and the access keys it accepts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.aws.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_ACCOUNT_ID = "210987654321"


@dataclass(frozen=True)
class Account:
    """`access_key_ids` are names, not secrets: signatures are not checked here."""

    id: str
    access_key_ids: frozenset[str]
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def load(cls, path: Path) -> Account:
        """Read `{"account_id": …, "access_keys": [{"access_key_id": …, …}, …]}`.

        The account id may be left out, and so may `plan`, `cpus` and `permitted` (`limits`);
        secrets in the file are not read.
        """
        seed = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            id=seed.get("account_id", DEFAULT_ACCOUNT_ID),
            access_key_ids=frozenset(key["access_key_id"] for key in seed["access_keys"]),
            limits=Limits.of(seed),
        )
