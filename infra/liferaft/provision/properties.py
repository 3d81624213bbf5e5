"""Between Pulumi's property values and the clouds' specs and facts."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN
from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel, to_snake

from liferaft.clouds.kinds import ResourceKind

# Unknown values stay the wire's own marker: the SDK neither makes nor sends its `Computed`.
Properties = Mapping[str, PropertyValue]


@dataclass(frozen=True)
class Fault:
    property: str
    reason: str


def faults(kind: ResourceKind[Any, Any], inputs: Properties) -> Sequence[Fault]:
    """Everything that is wrong with the inputs, as far as their values are known.

    Reasons never quote a value: it may be secret.
    """
    unknown = {name for name, value in inputs.items() if has_unknown(value)}
    found = []
    try:
        TypeAdapter(kind.spec).validate_python(_known(inputs))
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False, include_context=False):
            where = to_camel(str(fault["loc"][0])) if fault["loc"] else ""
            inside = "".join(f"[{part}]" for part in fault["loc"][1:])
            if where not in unknown:
                reason = fault["msg"] if not inside else f"{inside}: {fault['msg']}"
                found.append(Fault(where, reason))
    return found


def spec_of(kind: ResourceKind[Any, Any], inputs: Properties) -> Any:
    """The spec; the inputs passed `faults` and all are known."""
    return TypeAdapter(kind.spec).validate_python(_known(inputs))


def state_of(
    kind: ResourceKind[Any, Any], inputs: Properties, facts: Any
) -> dict[str, PropertyValue]:
    """What the engine keeps: the inputs, then what the cloud filled in."""
    filled = {to_camel(name): wrap(value) for name, value in asdict(facts).items() if name != "id"}
    return {**marked(kind, inputs), **filled}


def expected_state(kind: ResourceKind[Any, Any], inputs: Properties) -> dict[str, PropertyValue]:
    """The state in a preview: what only the cloud can fill in is not known yet."""
    later = {to_camel(name): PropertyValue(UNKNOWN) for name in kind.facts_alone()}
    return {**marked(kind, inputs), **later}


def marked(kind: ResourceKind[Any, Any], inputs: Properties) -> dict[str, PropertyValue]:
    """The inputs without nulls, the kind's secret ones marked as secret."""
    secret = {to_camel(name) for name in kind.secrets()}
    return {
        name: value.with_secret(True) if name in secret else value
        for name, value in inputs.items()
        if value.value is not None
    }


def inputs_told(
    kind: ResourceKind[Any, Any], inputs: Properties, state: Properties, facts: Any
) -> dict[str, PropertyValue]:
    """The inputs after a look at the cloud.

    Those given, but where the cloud tells of a wish something else than it did before, what it
    tells: so what was changed by hand shows, and what the cloud had made of a wish at birth does
    not. Without inputs and state (an import): all that the cloud tells.
    """
    told = {
        to_camel(field.name): wrap(getattr(facts, field.name))
        for field in fields(kind.spec)
        if field.name in {fact.name for fact in fields(kind.facts)}
    }
    if not inputs and not state:
        return told
    moved = {
        name: value
        for name, value in told.items()
        if name in inputs and name in state and plain(state[name]) != plain(value)
    }
    return {**marked(kind, inputs), **moved}


def changed(kind: ResourceKind[Any, Any], before: Properties, inputs: Properties) -> Sequence[str]:
    """The properties that differ, in the spec's order; unset ones count as their defaults.

    `before` are the old inputs, or from an engine that does not send them the old state. Where it
    lacks what no creation can do without, it was imported: what the cloud could not tell then is
    no difference, nor is what the program has no wish about.
    """
    specified = fields(kind.spec)
    imported = any(
        field.default is MISSING and to_camel(field.name) not in before for field in specified
    )
    names = []
    for field in specified:
        name = to_camel(field.name)
        default = None if field.default is MISSING else field.default
        old, new = before.get(name), inputs.get(name)
        unsaid = old is None or (default is None and (new is None or new.value is None))
        if field.name in kind.at_birth or (imported and unsaid):
            continue
        if (new is not None and has_unknown(new)) or _value_or(old, default) != _value_or(
            new, default
        ):
            names.append(name)
    return names


def has_unknown(value: PropertyValue) -> bool:
    """True if the value, or anything in it, is known only after a creation."""
    inner = value.value
    if inner == UNKNOWN:
        return True
    if isinstance(inner, Mapping):
        return any(has_unknown(member) for member in inner.values())
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return any(has_unknown(member) for member in inner)
    return False


def plain(value: PropertyValue) -> Any:
    """The Python value; whole numbers, which the wire carries as floats, become int again."""
    inner = value.value
    if isinstance(inner, Mapping):
        return {key: plain(member) for key, member in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [plain(member) for member in inner]
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def wrap(value: Any) -> PropertyValue:
    """The property value of plain data."""
    if isinstance(value, Mapping):
        return PropertyValue({key: wrap(member) for key, member in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([wrap(member) for member in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def _known(inputs: Properties) -> dict[str, Any]:
    return {
        to_snake(name): plain(value)
        for name, value in inputs.items()
        if value.value is not None and not has_unknown(value)
    }


def _value_or(value: PropertyValue | None, default: Any) -> Any:
    return default if value is None or value.value is None else plain(value)
