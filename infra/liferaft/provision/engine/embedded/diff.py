"""What has to be done about a resource that exists: nothing, an update, or a replacement."""

from dataclasses import dataclass
from typing import Literal

from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.values import Properties, has_unknown, plain


@dataclass(frozen=True)
class Difference:
    """A provider's answer. `changed` is None when it could not tell."""

    changed: bool | None = None
    keys: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    delete_first: bool = False


@dataclass(frozen=True)
class Decision:
    op: Literal["same", "update", "replace"]
    delete_first: bool = False


def decide(
    old: Row,
    inputs: Properties,
    found: Difference,
    *,
    replace_on: tuple[str, ...] = (),
    delete_first: bool | None = None,
    provider_replaced: bool = False,
) -> Decision:
    """Pure: the program's options and the provider's answer, put together."""
    changed = is_different(old.inputs, inputs) if found.changed is None else found.changed
    keys = found.keys or frozenset(_changed_keys(old.inputs, inputs) if changed else ())
    forced = changed and bool(keys if "*" in replace_on else keys & {*replace_on})
    spoilt = bool(old.init_errors) and "*" in replace_on
    if provider_replaced or forced or spoilt or (changed and found.replaces):
        return Decision("replace", found.delete_first if delete_first is None else delete_first)
    if changed or old.init_errors:
        return Decision("update")
    return Decision("same")


def is_different(old: Properties, new: Properties) -> bool:
    """Whether inputs changed; what is not known yet counts as changed."""
    return has_unknown(dict(new)) or bool(plain(dict(old)) != plain(dict(new)))


def _changed_keys(old: Properties, new: Properties) -> set[str]:
    return {
        key
        for key in {*old, *new}
        if has_unknown(new.get(key)) or plain(old.get(key)) != plain(new.get(key))
    }
