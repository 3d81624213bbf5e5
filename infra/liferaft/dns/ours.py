"""Our part of a zone, as octoDNS compares it: with what the vendor's records have besides."""

from collections.abc import Collection
from copy import deepcopy
from typing import Any, Final

_RULES: Final = ("dynamic", "geo")
"""What octoDNS calls rules by which a record answers this one so and that one otherwise."""


class OursOnly:
    """An octoDNS processor: the vendor's zone as if it held nothing but our records.

    What a record has beyond type, addresses and TTL (proxied, a comment, a health check) stays.
    """

    def __init__(self, label: str) -> None:
        self._label = label

    def process_target_zone(self, existing: Any, target: Any, lenient: bool = False) -> Any:
        del target, lenient
        cut = existing.copy()
        for record in existing.records:
            if record.name != self._label or kind(record) != "A":
                cut.remove_record(record)
        return cut

    def process_source_and_target_zones(
        self, desired: Any, existing: Any, target: Any, lenient: bool = False
    ) -> tuple[Any, Any]:
        del target, lenient
        kept = desired.copy()
        for record in desired.records:
            before = existing.get_type(record.name, "A")
            if before is not None and before.octodns:
                after = record.copy()
                after.octodns = _about(record.values, deepcopy(dict(before.octodns)))
                kept.add_record(after, replace=True, lenient=True)
        return kept, existing


def kind(record: Any) -> str:
    """The record's type: `A`, `MX`, …"""
    return str(record._type)  # noqa: SLF001 - the only place where octoDNS says it


def settings(record: Any) -> tuple[str, ...]:
    """What the vendor keeps with the record besides: `cloudflare proxied`, …"""
    return tuple(
        sorted(
            f"{vendor} {name}"
            for vendor, kept in record.octodns.items()
            for name in (kept if isinstance(kept, dict) else ("",))
        )
    )


def times_itself(record: Any) -> bool:
    """The vendor chooses the record's TTL, whatever is asked for (Cloudflare's `auto-ttl`)."""
    kept = record.octodns.values()
    return any(isinstance(each, dict) and each.get("auto-ttl") for each in kept)


def rules(record: Any) -> tuple[str, ...]:
    """Which rules the record answers by; an address by itself ends them."""
    return tuple(name for name in _RULES if getattr(record, name, None))


def _about(values: Collection[str], kept: Any) -> Any:
    """Without what a vendor's class notes about single addresses that are no longer there."""
    if isinstance(kept, dict):
        return {name: _about(values, each) for name, each in kept.items()}
    if isinstance(kept, list):
        return [
            _about(values, each)
            for each in kept
            if not isinstance(each, dict) or each.get("value") in {None, *values}
        ]
    return kept
