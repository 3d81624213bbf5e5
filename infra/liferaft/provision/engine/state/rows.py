"""One resource of a checkpoint: a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.sealing import from_rest, to_rest
from liferaft.provision.engine.state.values import Properties
from liferaft.provision.engine.urn import split_reference


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """What the state holds of one resource. Fields in the order Pulumi writes them.

    Rows never change: a change is a new row in the place of the old one.
    """

    urn: str
    custom: bool
    delete: bool = False
    """Replaced; the object behind this row still has to be deleted."""
    id: str = ""
    type: str
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    provider: str = ""
    """`urn::id` of its provider."""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pending_replacement: bool = False
    """Deleted already, and to be created anew."""
    additional_secret_outputs: tuple[str, ...] = ()
    import_id: str = ""
    """The object that the program asked to import, for as long as it asks."""
    retain_on_delete: bool = False
    deleted_with: str = ""
    created: str = ""
    modified: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)
    """Fields that we do not use, kept as they were read."""

    def needs(self) -> set[str]:
        """The URNs that must exist as long as this row does."""
        needed = {*self.dependencies, self.parent, self.deleted_with}
        needed.update(*self.property_dependencies.values())
        if self.provider:
            needed.add(split_reference(self.provider)[0])
        return needed - {""}

    def with_renamed(self, old: str, new: str) -> "Row":
        """The row, naming `new` wherever it named `old`; both are URNs."""

        def named(*urns: str) -> tuple[str, ...]:
            return tuple(new if urn == old else urn for urn in urns)

        (parent,), (host,) = named(self.parent), named(self.deleted_with)
        server, ident = split_reference(self.provider)
        return replace(
            self,
            parent=parent,
            deleted_with=host,
            dependencies=named(*self.dependencies),
            property_dependencies={k: named(*v) for k, v in self.property_dependencies.items()},
            provider=f"{new}::{ident}" if server == old else self.provider,
        )

    @property
    def reference(self) -> str:
        """How rows name this row as their provider."""
        return f"{self.urn}::{self.id}"


_NAMES: Final = {
    "init_errors": "initErrors",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
}
_COLUMNS: Final = {f.name: _NAMES.get(f.name, f.name) for f in fields(Row) if f.name != "rest"}
_ALWAYS: Final = {"urn", "custom", "type"}
_UNSUPPORTED: Final = (
    "taint",
    "customTimeouts",
    "replaceWith",
    "replacementTrigger",
    "refreshBeforeUpdate",
    "viewOf",
    "resourceHooks",
    "extensionRef",
    "snippetID",
)


def row_from_json(found: Mapping[str, Any], passphrase: Passphrase) -> Row:
    """The row; raises `EngineLacks` for what we could not carry on correctly."""
    for name in _UNSUPPORTED:
        if found.get(name):
            raise EngineLacks(f"`{name}`, which the state holds for {found['urn']}")
    known: dict[str, Any] = {}
    for attribute, column in _COLUMNS.items():
        if column not in found:
            continue
        value = found[column]
        if attribute in {"inputs", "outputs"}:
            value = from_rest(value, passphrase)
        elif attribute == "property_dependencies":
            value = {key: tuple(urns or ()) for key, urns in value.items()}
        elif isinstance(value, list):
            value = tuple(value)
        known[attribute] = value
    rest = {key: value for key, value in found.items() if key not in _COLUMNS.values()}
    return Row(**known, rest=rest)


def row_to_json(row: Row, passphrase: Passphrase) -> dict[str, Any]:
    """The row as it rests; what is empty or false is left out, as Pulumi does."""
    written: dict[str, Any] = {}
    for attribute, column in _COLUMNS.items():
        value = getattr(row, attribute)
        if not value and attribute not in _ALWAYS:
            continue
        written[column] = to_rest(value, passphrase) if column in {"inputs", "outputs"} else value
    return {**written, **row.rest}


def now() -> str:
    """The time of day as rows carry it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
