"""The stanza: what makes a cluster known to the archive of an epoch in a vault."""

import logging
from collections.abc import Sequence
from typing import Final

from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import STANZA, push_config
from liferaft.data.postgres.vaults import await_backup, take_out
from liferaft.remote.acts import HostActFailed, act, as_user
from liferaft.remote.contract import Host

_log = logging.getLogger(__name__)
_SOON: Final = ("--io-timeout=2",)
"""A vault that does not answer is known to within 17 s then: users may wait for it."""


async def create_stanzas(host: Host, repositories: Sequence[Repository]) -> bool:
    """Make this cluster known to each repository. Returns whether one did not know it. Works on a
    standby too (`--no-online`). Idempotent.

    Of several vaults one that does not answer is taken out of the archive, which goes on without
    it, and one that is new beside others gets a backup by itself. Raises HostActFailed where none
    answers.
    """
    if len(repositories) == 1:
        return await _create(host, repositories[0])
    made: dict[str, bool] = {}
    failures: dict[str, HostActFailed] = {}
    for one in repositories:
        try:
            made[one.vault.name] = await _create(host, one, *_SOON)
        except HostActFailed as failure:
            failures[one.vault.name] = failure
    if not made:
        raise next(iter(failures.values()))
    for name, failed in failures.items():
        _log.warning("%s Vault %s is taken out of the archive until it answers.", failed, name)
        await take_out(host, name, failed.facts.details.get("said", "it did not answer"))
    if not all(made.values()):
        for name in (name for name, is_new in made.items() if is_new):
            await await_backup(host, name)
    return any(made.values())


async def _create(host: Host, one: Repository, *options: str) -> bool:
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
        deadline=90,
    )
    return "already exists" not in answer
