"""Single steps: each is written down as pending, done, and written down as done."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from liferaft.failures import Facts
from liferaft.provision.engine.embedded.gate import Gate
from liferaft.provision.engine.embedded.providers import FoundObject, PartlyDone, Provider
from liferaft.provision.engine.embedded.transport import ProviderError
from liferaft.provision.engine.embedded.writer import Writer
from liferaft.provision.engine.progress import EngineProgress
from liferaft.provision.engine.state.checkpoint import Checkpoint
from liferaft.provision.engine.state.rows import Row, now
from liferaft.provision.engine.state.values import UNKNOWN_TEXT, Properties, Value, as_secret


class Steps:
    """What may be done to one resource. In a preview (no writer) nothing rests anywhere."""

    def __init__(
        self, checkpoint: Checkpoint, writer: Writer | None, gate: Gate, progress: EngineProgress
    ) -> None:
        self.checkpoint = checkpoint
        self.gate = gate
        self.progress = progress
        self._writer = writer
        self.preview = writer is None

    async def durable(self) -> None:
        """Returns when every change of the checkpoint so far is written."""
        if self._writer is not None:
            await self._writer.flush()

    def fail(self, urn: str, *messages: str, facts: Facts | None = None) -> None:
        """Something went wrong: nothing new starts from now on."""
        for message in messages:
            self.progress.say("error", message, urn, facts)
        self.gate.shut(messages[0])

    async def keep(self, row: Row, old: Row | None, op: str) -> Row:
        """A row that needs no provider's work (components, providers, what is the same)."""
        self.progress.start(op, row.urn)
        self.checkpoint.finish(row, old)
        if op != "same":
            await self.durable()
        self.progress.finish(op, row.urn)
        return row

    async def same(self, row: Row, old: Row) -> Row:
        """Unchanged: identity, outputs and times stay; so do sealed secrets, byte for byte."""
        row = replace(
            row,
            id=old.id,
            inputs=old.inputs if row.inputs == old.inputs else row.inputs,
            outputs=_marked(old.outputs, row),
            created=old.created,
            modified=old.modified,
        )
        return await self.keep(row, old, "same")

    async def create(
        self, row: Row, provider: Provider, *, op: str = "create", replaced: Row | None = None
    ) -> Row:
        """Create. A `replaced` row stays behind as one to delete, unless that is done already."""
        async with self._do(op, row, "creating"):
            try:
                ident, outputs = await provider.create(row.urn, row.inputs, preview=self.preview)
                reasons: tuple[str, ...] = ()
            except PartlyDone as error:
                ident, outputs, reasons = error.ident, dict(error.outputs), error.reasons
        if provider.creates_once:
            self.checkpoint.settle(row.urn)
        moment = now()
        row = replace(
            row,
            id=ident,
            outputs=_marked(outputs, row),
            init_errors=reasons,
            created=moment,
            modified=moment,
        )
        self._supersede(row, replaced)
        return await self._end(op, row)

    async def adopt(
        self, row: Row, ident: str, provider: Provider, *, op: str, replaced: Row | None
    ) -> Row:
        """Import: the row of an object that exists, as its provider describes it."""
        async with self._do(op, row, "importing"):
            found = await _found(provider, row, ident)
            if found.inputs is None:
                raise ProviderError(f"the provider of {row.type} does not support importing")
        moment = now()
        row = replace(
            row,
            id=found.ident,
            inputs=found.inputs,
            outputs=_marked(found.outputs, row),
            init_errors=found.init_errors,
            created=moment,
            modified=moment,
        )
        self._supersede(row, replaced)
        await self.durable()
        self.progress.finish(op, row.urn)
        return row

    async def read(self, row: Row, old: Row | None, provider: Provider) -> Row:
        """Look at an object that is not ours. Of one that we had made, only the row becomes
        a foreign one; another than we had made takes its place, and ours is deleted at the end.
        """
        taken = old is None or old.external or old.id == row.id
        op = "read" if taken else "read-replacement"
        self.progress.start(op, row.urn)
        try:
            if row.id == UNKNOWN_TEXT:
                found = FoundObject(row.id, row.inputs, {})
            else:
                found = await _found(provider, row, row.id)
        except ProviderError as error:
            self.progress.fail(op, row.urn, str(error))
            raise
        inputs = row.inputs if found.inputs is None else found.inputs
        row = replace(row, id=found.ident, inputs=inputs, outputs=_marked(found.outputs, row))
        if taken:
            self.checkpoint.finish(row, old)
        else:
            self._supersede(row, old)
        await self.durable()
        self.progress.finish(op, row.urn)
        return row

    def _supersede(self, row: Row, replaced: Row | None) -> None:
        """A row that is replaced stays behind as one to delete, unless that is done already."""
        gone = replaced if replaced is not None and replaced.pending_replacement else None
        self.checkpoint.finish(row, gone)
        if replaced is not None and gone is None:
            self.checkpoint.swap(replaced, replace(replaced, delete=True))

    async def update(self, row: Row, old: Row, provider: Provider) -> Row:
        async with self._do("update", old, "updating"):
            try:
                outputs = await provider.update(
                    old, row.inputs, row.ignore_changes, preview=self.preview
                )
                reasons: tuple[str, ...] = ()
            except PartlyDone as error:
                outputs, reasons = dict(error.outputs), error.reasons
        row = replace(
            row,
            id=old.id,
            outputs=_marked(outputs, row),
            init_errors=reasons,
            created=old.created,
            modified=now(),
        )
        self.checkpoint.finish(row, old)
        return await self._end("update", row)

    async def delete(
        self, row: Row, provider: Provider | None, op: str, *, comes_back: bool = False
    ) -> None:
        """Delete. Without a provider only the row goes. What `comes_back` keeps its row."""
        async with self._do(op, row, "deleting"):
            if provider is not None and not self.preview:
                await provider.delete(row)
        if comes_back:
            self.checkpoint.swap(row, replace(row, pending_replacement=True))
        else:
            self.checkpoint.remove(row)
        await self.durable()
        self.progress.finish(op, row.urn)

    async def _end(self, op: str, row: Row) -> Row:
        await self.durable()
        if row.init_errors:
            message = f"{len(row.init_errors)} errors occurred: {'; '.join(row.init_errors)}"
            self.progress.fail(op, row.urn, message)
            raise ProviderError(message)
        self.progress.finish(op, row.urn)
        return row

    @asynccontextmanager
    async def _do(self, op: str, row: Row, operation: str) -> AsyncIterator[None]:
        self.progress.start(op, row.urn)
        self.checkpoint.begin(row, operation)
        try:
            await self.durable()
            self.gate.check()
            self.progress.touched = True
            yield
        except ProviderError as error:
            self.progress.fail(op, row.urn, str(error))
            raise
        finally:
            self.checkpoint.end(row)


async def _found(provider: Provider, row: Row, ident: str) -> FoundObject:
    found = await provider.read(row.urn, ident, {}, row.inputs)
    if found is None:
        raise ProviderError(f"resource '{ident}' does not exist")
    return found


def _marked(outputs: Properties, row: Row) -> dict[str, Value]:
    secret: Callable[[str], bool] = set(row.additional_secret_outputs).__contains__
    return {key: as_secret(value) if secret(key) else value for key, value in outputs.items()}
