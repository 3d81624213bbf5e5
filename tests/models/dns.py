"""A DNS vendor's octoDNS class over rows in memory, which a line may keep from us."""

from dataclasses import dataclass, field
from typing import Any

from tests.dns.sorts import ByChange, Rows
from tests.models.line import Line


class Unanswered(Exception):
    """As SDKs see a vendor that does not answer; and one whose asker was killed, since what runs
    in a thread of its own cannot end the process that way."""


@dataclass
class Zone:
    """What a vendor keeps."""

    rows: Rows = field(default_factory=dict)
    line: Line = field(default_factory=Line)


ZONES: dict[str, Zone] = {}
"""By the account that an option names: options are what a configuration may hold."""


class DnsModel(ByChange):
    """Writes each change by itself. An account has one zone, or none."""

    def __init__(self, name: str, account: str, **options: Any) -> None:
        self._zone = ZONES.get(account, Zone())
        super().__init__(name, self._zone.rows, account in ZONES, **options)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool | None:
        with self._zone.line.request("dns: read the zone", Unanswered, killed=Unanswered):
            return super().populate(zone, target, lenient)

    def _apply(self, plan: Any) -> None:
        with self._zone.line.request("dns: change the zone", Unanswered, killed=Unanswered):
            super()._apply(plan)
