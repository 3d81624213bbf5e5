"""The tables [secrets.NAME]: secrets of the application's own, by the names that it knows them by.

No value stands here: values lie in the vaults, encrypted for the operators.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from pydantic import Field, StrictInt

from liferaft.config.problems import Finding
from liferaft.config.section import Section

DATABASE_PASSWORD: Final = "database-password"  # noqa: S105  # what it is called
"""What the database's password is called in commands: liferaft makes it, no table declares it."""
NAMES_TOLD: Final = (
    "letters, digits, underscores, dots and hyphens, from a letter or underscore on, at most 64"
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


class SecretConfig(Section):
    """One secret.

    generate: how liferaft draws it where it has no value yet; without it an operator sets it.
    length: of random bytes that are written so; of `letters`, how many. prefix: what stands in
    front of what was drawn.
    """

    generate: Literal["hex", "base64", "base64url", "letters"] | None = Field(
        default=None, description="hex, base64, base64url or letters"
    )
    length: StrictInt = Field(default=32, ge=16, le=512, description="from 16 to 512")
    prefix: str = Field(
        default="",
        max_length=64,
        pattern=r"^[!-~]*$",
        description='a beginning such as "base64:", of at most 64 characters without blanks',
    )


def of_secrets(secrets: Mapping[str, SecretConfig]) -> Iterator[Finding]:
    """What is wrong with names, and with keys that say nothing."""
    for name, one in secrets.items():
        if not _NAME.fullmatch(name):
            yield Finding(("secrets", name), "this name is not valid", NAMES_TOLD)
        elif name == DATABASE_PASSWORD:
            yield Finding(("secrets", name), "liferaft makes and keeps this one by itself", "")
        for key in sorted(one.model_fields_set - {"generate"}) if one.generate is None else ():
            reason = "it says how the secret is drawn, and an operator sets this one"
            yield Finding(("secrets", name, key), reason, f'generate = "hex" beside {key}')
