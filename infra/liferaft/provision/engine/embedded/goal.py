"""What the program wants of one resource, read from its registration."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi.runtime.proto import resource_pb2

from liferaft.provision.engine.embedded.wire import from_struct
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.values import Properties
from liferaft.provision.engine.urn import urn_of

Registration = resource_pb2.RegisterResourceRequest


@dataclass(frozen=True)
class Goal:
    urn: str
    type: str
    custom: bool
    parent: str
    inputs: Properties
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    provider: str
    version: str
    protect: bool
    delete_before_replace: bool | None
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    additional_secret_outputs: tuple[str, ...]
    retain_on_delete: bool
    deleted_with: str
    aliases: tuple[str, ...]
    import_id: str

    def row(self, inputs: Properties, provider: str = "") -> Row:
        """The row of this goal, as far as the program knows it."""
        return Row(
            urn=self.urn,
            custom=self.custom,
            type=self.type,
            inputs=inputs,
            parent=self.parent,
            protect=self.protect,
            dependencies=self.dependencies,
            provider=provider,
            property_dependencies=self.property_dependencies,
            additional_secret_outputs=self.additional_secret_outputs,
            import_id=self.import_id,
            retain_on_delete=self.retain_on_delete,
            deleted_with=self.deleted_with,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
        )


def goal_of(request: Registration, project: str, stack: str) -> Goal:
    """Read a registration; raises `EngineLacks` for what `program` could not see beforehand."""
    if request.remote or request.packageRef:
        what = "remote components" if request.remote else "parameterized packages"
        raise EngineLacks(f"{what} (resource {request.name}, {request.type})")
    first = request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
    return Goal(
        urn=urn_of(stack, project, request.type, request.name, request.parent),
        type=request.type,
        custom=request.custom,
        parent=request.parent,
        inputs=from_struct(request.object),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(found.urns))
            for key, found in sorted(request.propertyDependencies.items())
        },
        provider=request.provider,
        version=request.version,
        protect=request.protect,
        delete_before_replace=first,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        aliases=tuple(request.aliasURNs),
        import_id=request.importId,
    )


def with_ignored(goal: Goal, old: Row | None) -> Properties:
    """The goal's inputs, with what is to be ignored as it was before."""
    if old is None:
        return goal.inputs
    everything = "*" in goal.ignore_changes
    ignored = {*goal.inputs, *old.inputs} if everything else set(goal.ignore_changes)
    kept = {key: value for key, value in goal.inputs.items() if key not in ignored}
    return kept | {key: value for key, value in old.inputs.items() if key in ignored}
