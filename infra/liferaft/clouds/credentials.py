"""Credentials as a mapping that the edge resolved; nothing here reads the environment."""

from collections.abc import Mapping

from liferaft.failures import BadInput


class MissingCredential(BadInput):
    """A credential that this cloud needs was not given."""


def need(credentials: Mapping[str, str], cloud: str, name: str) -> str:
    """The value of `name`, never empty; MissingCredential otherwise."""
    value = credentials.get(name, "")
    if not value:
        raise MissingCredential(
            f"{cloud} needs the credential {name}, and it is not set",
            safe="Nothing was touched.",
            do=f"Set {name} in the environment, then run the same command again.",
        )
    return value
