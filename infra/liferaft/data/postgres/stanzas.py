"""The stanza: what makes a cluster known to the archive of an epoch in a vault."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import STANZA, push_config
from liferaft.data.postgres.vaults import await_backup, take_out
from liferaft.failures import DeadlinePassed, Failure
from liferaft.remote.acts import HostActFailed, act, as_user
from liferaft.remote.contract import Host, Unreachable

_log = logging.getLogger(__name__)
_SOON: Final = ("--io-timeout=2",)
"""A vault that does not answer is known to within 17 s then: users may wait for it."""
_SLOW_SECONDS: Final = 45.0
"""How long one of several may take: a promotion has 180 s for all that it does."""


async def create_stanzas(host: Host, repositories: Sequence[Repository]) -> bool:
    """Make this cluster known to each repository. Returns whether one did not know it. Works on a
    standby too (`--no-online`). Idempotent.

    Several are asked at once. One of them that does not answer, or too slowly, is taken out of the
    archive, which goes on without it, and one that is new beside others gets a backup by itself.
    Raises what the first one raised where none answers.
    """
    if len(repositories) == 1:
        return await _create(host, repositories[0], deadline=90)
    answers = await asyncio.gather(*(_ask(host, one) for one in repositories))
    named = dict(zip((one.vault.name for one in repositories), answers, strict=True))
    made = {name: said for name, said in named.items() if isinstance(said, bool)}
    failures = {name: said for name, said in named.items() if not isinstance(said, bool)}
    if not made:
        raise next(iter(failures.values()))
    for name, failed in failures.items():
        _log.warning("%s Vault %s is taken out of the archive until it answers.", failed, name)
        await take_out(host, name, failed.facts.details.get("said", "it did not answer"))
    if not all(made.values()):
        for name in (name for name, is_new in made.items() if is_new):
            await await_backup(host, name)
    return any(made.values())


async def _ask(host: Host, one: Repository) -> bool | Failure:
    """Of one of several, beside the others: each has a lock of its own on the host."""
    try:
        return await _create(host, one, *_SOON, deadline=_SLOW_SECONDS)
    except Unreachable:
        raise  # the server, and no vault
    except (HostActFailed, DeadlinePassed) as failure:
        return failure


async def _create(host: Host, one: Repository, *options: str, deadline: float) -> bool:
    """Whether it was not there."""
    config = push_config(one.vault.name, one.epoch)
    answer = await act(
        host,
        as_user(
            "postgres",
            "pgbackrest",
            f"--config={config}",
            f"--stanza={STANZA}",
            "--no-online",
            *options,
            "--log-level-console=info",
            "stanza-create",
        ),
        doing=f"Preparing the archive of epoch {one.epoch} in vault {one.vault.name}",
        deadline=deadline,
    )
    return "already exists" not in answer
