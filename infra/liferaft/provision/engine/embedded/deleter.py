"""Deletes, after everything else: what the program did not register, or the whole stack."""

import asyncio
from collections import defaultdict

from liferaft.failures import Failure
from liferaft.provision.engine.embedded.gate import Stopped
from liferaft.provision.engine.embedded.provider_table import ProviderTable
from liferaft.provision.engine.embedded.registrar import Registrar
from liferaft.provision.engine.embedded.steps import Steps
from liferaft.provision.engine.embedded.transport import ProviderError
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.urn import is_provider


class Deleter:
    def __init__(self, steps: Steps, providers: ProviderTable, registrar: Registrar) -> None:
        self._steps = steps
        self._providers = providers
        self._registrar = registrar

    async def delete_the_rest(self) -> None:
        """Every row of before that nothing took the place of is gone on return, dependents
        first and independent ones at once, unless the gate was shut on the way.

        What is protected stays, with all that it needs; that is a failure, told at the end.
        """
        rows = self._steps.checkpoint.before
        staying = _protected_with_needs(rows)
        dying = [row for row in rows if row not in staying]
        gone = {row: asyncio.Event() for row in dying}
        users: dict[str, list[Row]] = defaultdict(list)
        for row in dying:
            for urn in row.needs():
                users[urn].append(row)
        place = {row: number for number, row in enumerate(rows)}
        urns = {row.urn for row in dying}

        async def delete(row: Row) -> None:
            try:
                for user in users[row.urn]:
                    if place[user] > place[row]:  # an earlier one means another of this URN
                        await gone[user].wait()
                await self._delete(row, with_its_host=row.deleted_with in urns)
            finally:
                gone[row].set()

        async with asyncio.TaskGroup() as group:
            for row in dying:
                group.create_task(delete(row))
        for row in staying:
            if row.protect:
                self._refuse_protected(row)

    async def _delete(self, row: Row, *, with_its_host: bool) -> None:
        try:
            async with self._steps.gate.step():
                if row.pending_replacement:
                    self._steps.checkpoint.remove(row)  # its object went in an earlier run
                    return
                verb = "discard" if row.external else "delete"
                op = f"{verb}-replaced" if row.delete else verb
                left_alone = row.external or row.retain_on_delete or with_its_host
                has_object = row.custom and not is_provider(row.type) and not left_alone
                asked = has_object and not self._steps.preview
                provider = await self._providers.of(row.provider) if asked else None
                await self._steps.delete(row, provider, op)
        except Stopped:
            return
        except ProviderError as error:
            self._steps.fail(row.urn, str(error), facts=error.facts)
        except Failure as error:
            self._registrar.refuse(error, row.urn)

    def _refuse_protected(self, row: Row) -> None:
        message = (
            f'resource "{row.urn}" cannot be deleted\nbecause it is protected: '
            "remove the `protect` flag in the program and run `up` first"
        )
        self._steps.progress.fail("delete", row.urn, message)
        self._steps.fail(row.urn, message)


def _protected_with_needs(rows: list[Row]) -> set[Row]:
    """The protected rows, and whatever they cannot be without."""
    staying: set[Row] = set()
    found = [row for row in rows if row.protect and not row.pending_replacement]
    while found:
        staying.update(found)
        needed = set().union(*(row.needs() for row in found))
        found = [row for row in rows if row.urn in needed and row not in staying]
    return staying
