"""Values of the application's own secrets in what servers are told."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from liferaft.compose import secret_values
from liferaft.compose.application import Compose
from liferaft.compose.secret_marks import mark
from liferaft.failures import BadInput, Own
from liferaft.journal.process import Process
from liferaft.secrets import SecretKeeper, SecretsChain

if TYPE_CHECKING:
    from liferaft.site.site import Site


async def told(site: "Site", compose: Compose) -> Mapping[str, str]:
    """By name, the secrets that these services are told, as they are now. The vault is asked only
    where there are any. Raises BadInput for those without a value."""
    wanted = secret_values.used(compose)
    if not wanted:
        return {}
    values = await _values(site)
    require_set({name: who for name, who in wanted.items() if name not in values})
    broken = [name for name in secret_values.in_variables(compose) if "\n" in values[name]]
    if broken:
        raise BadInput(
            f"Secret {', '.join(sorted(broken))} has several lines, which no variable can be told",
            safe=Own("Nothing was stopped on the server: what ran there runs on."),
            do="Give it to the service as a Compose secret (`secrets`), which is a file there.",
        )
    return {name: values[name] for name in wanted}


async def values_of(site: "Site", names: Collection[str]) -> Mapping[str, str]:
    """Of these secrets, as they are now. Raises BadInput for those without a value."""
    values = await _values(site)
    require_set({name: ("the database",) for name in names if name not in values})
    return {name: values[name] for name in names}


async def as_told(site: "Site", compose: Compose) -> Compose:
    """With values, to be compared with what ran before. One without is known by its name."""
    wanted = secret_values.used(compose)
    if not wanted:
        return compose
    values = await _values(site)
    known = {name: values.get(name, mark(name)) for name in wanted}
    return secret_values.with_values(compose, known)


def require_set(missing: Mapping[str, tuple[str, ...]]) -> None:
    """Raise BadInput with all secrets that have no value, and who is to be told them."""
    if missing:
        rows = [f"Secret {name} of {', '.join(who)} has no value" for name, who in missing.items()]
        raise BadInput(
            "\n".join(rows),
            safe="Nothing was done.",
            do="Set each: `liferaft secrets set NAME`. Or have it drawn: `generate` in its table.",
        )


def keeper_of(site: "Site") -> SecretKeeper:
    """The operator who runs this command, now."""
    at, edge = datetime.now(UTC).isoformat(timespec="seconds"), site.credentials
    return SecretKeeper(Process.this().who, at, edge.recipients, edge.identity_file)


async def _values(site: "Site") -> dict[str, str]:
    chain = SecretsChain(site.vault)
    kept = await asyncio.to_thread(chain.newest, site.credentials.identity_file)
    return {name: value.get_secret_value() for name, value in kept.own.items()} if kept else {}
