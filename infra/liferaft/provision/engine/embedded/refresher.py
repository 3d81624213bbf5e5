"""Asks the providers what became of every row, and takes their word into the state."""

import asyncio
from dataclasses import replace

from liferaft.failures import Failure
from liferaft.provision.engine.embedded.diff import decide
from liferaft.provision.engine.embedded.gate import Stopped
from liferaft.provision.engine.embedded.provider_table import ProviderTable
from liferaft.provision.engine.embedded.registrar import Registrar
from liferaft.provision.engine.embedded.steps import Steps
from liferaft.provision.engine.embedded.transport import ProviderError
from liferaft.provision.engine.state.rows import Row, now
from liferaft.provision.engine.state.values import marked_like
from liferaft.provision.engine.urn import is_provider


class Refresher:
    def __init__(self, steps: Steps, providers: ProviderTable, registrar: Registrar) -> None:
        self._steps = steps
        self._providers = providers
        self._registrar = registrar

    async def refresh(self, *, alone: bool) -> None:
        """Durable on return. What failed to be read keeps its row, and shuts the gate.

        `alone`: nothing follows, so that each row is told and counted by what became of it.
        """
        checkpoint = self._steps.checkpoint
        gone: list[Row] = []

        async def one(row: Row) -> None:
            self._steps.progress.start("refresh", row.urn)
            became = await self._read(row)
            if became == "delete":
                gone.append(row)
            if became:
                self._steps.progress.finish(became if alone else "refresh", row.urn)

        async with asyncio.TaskGroup() as group:
            for row in checkpoint.before:
                group.create_task(one(row))
        # All in one go: a write on an interrupt must find no row that names one which is gone.
        for row in gone:
            checkpoint.remove(row)
        alive = {row.urn for row in checkpoint.before}
        for row in checkpoint.before:
            checkpoint.swap(row, _without_the_gone(row, alive))
        await self._steps.durable()

    async def _read(self, row: Row) -> str:
        """same, update, delete; or nothing when it could not be read."""
        looks = row.custom and not is_provider(row.type) and not row.pending_replacement
        if not looks:
            return "same"
        try:
            async with self._steps.gate.step():
                return await self._compare(row)
        except Stopped:
            return ""
        except ProviderError as error:
            self._steps.progress.fail("refresh", row.urn, str(error))
            self._steps.fail(row.urn, str(error), facts=error.facts)
        except Failure as error:
            self._registrar.refuse(error, row.urn)
        return ""

    async def _compare(self, row: Row) -> str:
        provider = await self._providers.of(row.provider)
        found = await provider.read(row.urn, row.id, row.inputs, row.outputs)
        if found is None:
            return "delete"
        inputs = row.inputs if found.inputs is None else found.inputs
        new = replace(
            row,
            id=found.ident,
            inputs=inputs,
            outputs=marked_like(found.outputs, row.outputs),
            init_errors=found.init_errors,
        )
        if row.external:
            became = "same"
        else:
            difference = await provider.diff(new, row.inputs, row.ignore_changes)
            became = "same" if decide(new, row.inputs, difference).op == "same" else "update"
        if (new.inputs, new.outputs) != (row.inputs, row.outputs):
            new = replace(new, modified=now() if row.modified else "")
        self._steps.checkpoint.swap(row, new)
        return became


def _without_the_gone(row: Row, alive: set[str]) -> Row:
    """A row names only rows that are there."""
    kept = {
        key: tuple(urn for urn in urns if urn in alive)
        for key, urns in row.property_dependencies.items()
    }
    return replace(
        row,
        dependencies=tuple(urn for urn in row.dependencies if urn in alive),
        property_dependencies={key: urns for key, urns in kept.items() if urns},
        deleted_with=row.deleted_with if row.deleted_with in alive else "",
    )
