"""What happens when the program registers a resource."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from pulumi.runtime.proto import resource_pb2

from liferaft.failures import Failure
from liferaft.provision.engine.embedded.diff import Decision, decide, is_different
from liferaft.provision.engine.embedded.gate import Stopped
from liferaft.provision.engine.embedded.goal import Goal, Registration, goal_of, with_ignored
from liferaft.provision.engine.embedded.provider_table import ProviderTable
from liferaft.provision.engine.embedded.providers import CheckFailed, Provider
from liferaft.provision.engine.embedded.steps import Steps
from liferaft.provision.engine.embedded.transport import ProviderError
from liferaft.provision.engine.embedded.wire import from_struct
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.rows import Row, now
from liferaft.provision.engine.state.values import UNKNOWN, Secret
from liferaft.provision.engine.urn import is_provider, package_of, urn_of


class Registrar:
    def __init__(self, steps: Steps, providers: ProviderTable, project: str, stack: str) -> None:
        self._steps = steps
        self._providers = providers
        self._project = project
        self._stack = stack
        self._seen: set[str] = set()
        self.refusal: Failure | None = None
        """The first failure of ours, as opposed to a provider's or the program's."""

    async def register(self, request: Registration) -> Row:
        """The resource as the program wants it, in world and state, on return.

        Raises `Stopped` with what to tell the program when it failed, or when something else
        had failed before.
        """
        urn = urn_of(self._stack, self._project, request.type, request.name, request.parent)

        async def registered() -> Row:
            return await self._register(goal_of(request, self._project, self._stack))

        return await self._do(urn, registered)

    async def read(self, request: resource_pb2.ReadResourceRequest) -> Row:
        """The object that the program only looks at; raises `Stopped` as `register` does."""
        urn = urn_of(self._stack, self._project, request.type, request.name, request.parent)

        async def read() -> Row:
            if request.pluginDownloadURL or request.packageRef:
                raise EngineLacks(f"parameterized packages (resource {request.name})")
            self._once(urn)
            reference = request.provider or await self._providers.default(
                package_of(request.type), request.version
            )
            row = Row(
                urn=urn,
                custom=True,
                type=request.type,
                id=request.id,
                inputs=from_struct(request.properties),
                parent=request.parent,
                external=True,
                dependencies=tuple(sorted(request.dependencies)),
                provider=reference,
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
            )
            old = self._old((urn,))
            return await self._steps.read(row, old, await self._providers.of(reference))

        return await self._do(urn, read)

    async def _do(self, urn: str, work: Callable[[], Awaitable[Row]]) -> Row:
        async with self._steps.gate.step():
            try:
                return await work()
            except CheckFailed as error:
                self._steps.fail(urn, *error.sentences)
            except ProviderError as error:
                self._steps.fail(urn, str(error), facts=error.facts)
            except Failure as error:
                self.refuse(error, urn)
            raise Stopped(self._steps.gate.reason)

    def refuse(self, failure: Failure, urn: str = "") -> None:
        """The engine cannot go on: say so, and start nothing new."""
        if self.refusal is failure:
            return
        self.refusal = self.refusal or failure
        facts = failure.facts
        self._steps.fail(urn, " ".join(filter(None, (facts.happened, facts.do))), facts=facts)

    async def _register(self, goal: Goal) -> Row:
        self._once(goal.urn)
        old = self._old((goal.urn, *goal.aliases))
        if not goal.custom:
            return await self._component(goal, old)
        if is_provider(goal.type):
            return await self._providers.register(goal, old)
        return await self._resource(goal, old)

    def _once(self, urn: str) -> None:
        if urn in self._seen:
            raise ProviderError(f"{urn} is registered twice: give each resource its own name")
        self._seen.add(urn)

    def _old(self, urns: tuple[str, ...]) -> Row | None:
        before = self._steps.checkpoint.before
        live = {row.urn: row for row in before if row.urn in urns and not row.delete}
        return next((live[urn] for urn in urns if urn in live), None)

    async def _component(self, goal: Goal, old: Row | None) -> Row:
        row = goal.row(goal.inputs)
        if old is None:
            moment = now()
            return await self._steps.keep(
                replace(row, created=moment, modified=moment), None, "create"
            )
        if not is_different(old.inputs, goal.inputs):
            return await self._steps.same(row, old)
        row = replace(row, outputs=old.outputs, created=old.created, modified=now())
        return await self._steps.keep(row, old, "update")

    async def _resource(self, goal: Goal, old: Row | None) -> Row:
        reference = goal.provider or await self._providers.default(
            package_of(goal.type), goal.version
        )
        provider = await self._providers.of(reference)
        imported = _imports(goal, old)
        if imported:
            op = "import-replacement" if old is not None else "import"
            _refuse_protected(old)
            adopted = goal.row({}, reference)
            old = await self._steps.adopt(adopted, goal.import_id, provider, op=op, replaced=old)
            if op != "import":
                self._steps.progress.finish("replace", old.urn)
        wanted = with_ignored(goal, old)
        if old is None:
            inputs = await provider.check(goal.urn, {}, wanted)
            return await self._steps.create(goal.row(inputs, reference), provider)
        if old.pending_replacement or old.external:
            return await self._replace(goal, old, (reference, provider), Decision("replace"))
        inputs = await provider.check(goal.urn, old.inputs, wanted)
        moved = await self._providers.has_moved(old, reference)
        found = await provider.diff(old, inputs, goal.ignore_changes)
        decision = decide(
            old,
            inputs,
            found,
            replace_on=goal.replace_on_changes,
            delete_first=goal.delete_before_replace,
            provider_replaced=moved,
        )
        row = goal.row(inputs, reference)
        if decision.op == "same":
            return old if imported else await self._steps.same(row, old)
        if decision.op == "update":
            return await self._steps.update(row, old, provider)
        return await self._replace(goal, old, (reference, provider), decision)

    async def _replace(
        self, goal: Goal, old: Row, served_by: tuple[str, Provider], decision: Decision
    ) -> Row:
        reference, provider = served_by
        _refuse_protected(old)
        if goal.import_id:
            raise ProviderError(
                f"{old.urn} was imported and its inputs ask for a replacement: drop the option "
                "`import_` from the program first"
            )
        inputs = await provider.check(goal.urn, {}, goal.inputs)
        if decision.delete_first:
            for row in await self._dragged_along(old):
                of_row = None if row.retain_on_delete else await self._providers.of(row.provider)
                await self._steps.delete(row, of_row, "delete-replaced", comes_back=True)
            old = self._old((old.urn,)) or old
        row = await self._steps.create(
            goal.row(inputs, reference), provider, op="create-replacement", replaced=old
        )
        self._steps.progress.finish("replace", row.urn)
        return row

    async def _dragged_along(self, old: Row) -> list[Row]:
        """What must be deleted before `old` can be: the last first, and `old` at the end.

        Those whose provider says that they cannot live through a change of what they got from
        a row that goes.
        """
        going = {old.urn: old}
        for row in self._steps.checkpoint.before:
            lost = {
                key
                for key, urns in row.property_dependencies.items()
                if not going.keys().isdisjoint(urns)
            }
            if not lost or not row.provider or row.delete or row.pending_replacement:
                continue
            inputs = {key: _lost(v) if key in lost else v for key, v in row.inputs.items()}
            provider = await self._providers.of(row.provider)
            if not (await provider.diff(row, inputs, row.ignore_changes)).replaces:
                continue
            if row.protect:
                raise ProviderError(
                    f'unable to replace resource "{row.urn}", which {old.urn} drags along: '
                    "it is protected"
                )
            going[row.urn] = row
        return list(reversed(going.values()))


def _imports(goal: Goal, old: Row | None) -> bool:
    """Whether the object to import is another than the one we have, if we have one."""
    if not goal.import_id or old is None or old.external:
        return bool(goal.import_id)
    return goal.import_id not in (old.id, old.import_id)


def _refuse_protected(old: Row | None) -> None:
    if old is not None and old.protect:
        raise ProviderError(
            f'unable to replace resource "{old.urn}"\nas it is currently marked for '
            "protection. To unprotect the resource, remove the `protect` flag from it in "
            "the program and run this again"
        )


def _lost(value: object) -> object:
    return Secret(UNKNOWN) if isinstance(value, Secret) else UNKNOWN
