"""A vendor of each sort of octoDNS class: all of them keep records in memory, as rows.

They differ in what their `_apply` believes, as real classes do: the changes, `plan.desired` whole
(TransIP's), or `plan.existing` with the changes (those that write files).
"""

import logging
from typing import Any, ClassVar

from octodns.provider.base import BaseProvider
from octodns.record import Record

Rows = dict[tuple[str, str], dict[str, Any]]
"""What octoDNS calls a record's data, by its label and type."""


class ByChange(BaseProvider):  # type: ignore[misc]  # octoDNS carries no types
    """Writes each change by itself."""

    SUPPORTS_GEO = False
    SUPPORTS_DYNAMIC = False
    SUPPORTS_ROOT_NS = True
    SUPPORTS: ClassVar[set[str]] = {"A", "AAAA", "CNAME", "DNAME", "MX", "NS", "TXT"}

    def __init__(self, name: str, rows: Rows, told: bool | None = True, **options: Any) -> None:
        self.log = logging.getLogger(name)
        self.rows = rows
        self.told = told
        super().__init__(name, **options)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool | None:
        for (label, _), data in self.rows.items():
            record = Record.new(zone, label, dict(data), source=self, lenient=lenient)
            zone.add_record(record, lenient=lenient)
        return self.told

    def _apply(self, plan: Any) -> None:
        for change in plan.changes:
            if change.new is None:
                del self.rows[change.existing.name, change.existing._type]
            else:
                self.rows |= as_rows([change.new])


class ByDesired(ByChange):
    """Replaces the zone by `plan.desired`."""

    def _apply(self, plan: Any) -> None:
        self._replace(plan.desired.records)

    def _replace(self, records: Any) -> None:
        self.rows.clear()
        self.rows |= as_rows(records)


class ByDesiredWithoutNs(ByDesired):
    """Reads the zone's own name servers, and says that it does not manage them."""

    SUPPORTS_ROOT_NS = False


class ByExisting(ByDesired):
    """Replaces the zone by `plan.existing` with the changes made in it."""

    def _apply(self, plan: Any) -> None:
        zone = plan.existing.copy()
        zone.apply(plan.changes)
        self._replace(zone.records)


class Priced(ByChange):
    """Has a tariff of the zone to set, as Cloudflare's has."""

    def _plan_meta(self, existing: Any, desired: Any, changes: Any) -> dict[str, str]:
        del existing, desired, changes
        return {"tariff": "dear"}

    def _apply(self, plan: Any) -> None:
        assert not plan.meta, "the zone's tariff is not ours"
        super()._apply(plan)


class Late(ByChange):
    """Shows a change only to those who ask again."""

    def _apply(self, plan: Any) -> None:
        self.rows["", "late"] = {"asked": 0, "changes": as_rows([c.new for c in plan.changes])}

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool | None:
        late = self.rows.pop(("", "late"), None)
        if late is not None:
            late["asked"] += 1
            if late["asked"] > 1:
                self.rows |= late["changes"]
        told = super().populate(zone, target, lenient)
        if late is not None and late["asked"] == 1:
            self.rows["", "late"] = late
        return told


class Patient(ByChange):
    """Has a shortest TTL, as Cloudflare's class has."""

    min_ttl = 120


class ZoneFileProvider(ByExisting):
    """Stands for the one of octodns-bind, which is not installed here."""

    __module__ = "octodns_bind"


def as_rows(records: Any) -> Rows:
    """Records as the vendor keeps them."""
    return {
        (record.name, record._type): _plain({**record.data, "type": record._type})
        for record in records
    }


def _plain(data: Any) -> Any:
    """Values of octoDNS as the bare dictionaries and texts that they are made of."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, str) else data
