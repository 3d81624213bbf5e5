"""Cloud DNS: https://cloud.google.com/dns/docs/reference/rest/v1

Zones are kept and shown, and answer no queries: the sandbox's name servers are elsewhere.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp import record_sets
from liferaft_sandbox.clouds.gcp.buckets import now
from liferaft_sandbox.clouds.gcp.collection import check_labels
from liferaft_sandbox.clouds.gcp.discovery import document
from liferaft_sandbox.clouds.gcp.errors import ApiError, not_offered, sandbox_lacks
from liferaft_sandbox.clouds.gcp.listing import page
from liferaft_sandbox.clouds.gcp.reply import Reply
from liferaft_sandbox.clouds.gcp.schema import checked
from liferaft_sandbox.clouds.gcp.state import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liferaft_sandbox.clouds.gcp.discovery import Match
    from liferaft_sandbox.clouds.gcp.record_sets import RecordSets
    from liferaft_sandbox.clouds.gcp.seed import Seed
    from liferaft_sandbox.clouds.gcp.state import Resource

_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_DNS_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+")
_MOST = 1000
_WHERE = {"managedZones": "managedZone", "resourceRecordSets": "rrset", "changes": "change"}


@dataclass
class Zone:
    shown: Resource
    records: RecordSets
    changes: list[Resource] = field(default_factory=list)


@dataclass(frozen=True)
class _Asked:
    arguments: Mapping[str, str]
    query: Mapping[str, Any]
    body: Resource


class Dns:
    """Callers hold a lock."""

    def __init__(self, seed: Seed) -> None:
        self.document = document("dns", "v1")
        self._seed = seed
        self._zones: dict[str, Zone] = {}
        self._handlers: Mapping[str, Callable[[_Asked], Reply]] = {
            "dns.projects.get": self._project,
            "dns.managedZones.create": self._create_zone,
            "dns.managedZones.get": lambda asked: Reply(200, self._zone(asked).shown),
            "dns.managedZones.list": self._list_zones,
            "dns.managedZones.delete": self._delete_zone,
            "dns.changes.create": self._create_change,
            "dns.changes.get": self._get_change,
            "dns.changes.list": self._list_changes,
            "dns.resourceRecordSets.list": self._list_records,
            "dns.resourceRecordSets.get": self._get_record,
            "dns.resourceRecordSets.create": self._create_record,
            "dns.resourceRecordSets.patch": self._patch_record,
            "dns.resourceRecordSets.delete": self._delete_record,
        }

    def answer(self, match: Match, query: Mapping[str, Any], body: object) -> Reply:
        """Raises ApiError."""
        method = match.method
        handler = self._handlers.get(method.id)
        if handler is None:
            raise not_offered(method.id)
        if match.arguments["project"] not in {self._seed.project, self._seed.project_number}:
            raise ApiError(403, "forbidden", "Forbidden")
        said: Resource = {}
        if method.request:
            root = f"entity.{_WHERE[method.collection]}"
            if not body:
                message = f"The '{root}' parameter is required but was missing."
                raise ApiError(400, "required", message)
            said = checked(self.document, method.request, method.id, body, root)
        return handler(_Asked(match.arguments, query, said))

    def _project(self, asked: _Asked) -> Reply:
        quota = {
            "kind": "dns#quota",
            "managedZones": 10000,
            "resourceRecordSetAdditionsPerChange": 1000,
            "resourceRecordSetDeletionsPerChange": 1000,
            "resourceRecordSetsPerManagedZone": 10000,
            "resourceRecordsPerRrset": 100,
            "totalRrdataSizePerChange": 100000,
        }
        shown = {"kind": "dns#project", "id": self._seed.project, "quota": quota}
        return Reply(200, {**shown, "number": self._seed.project_number})

    def _create_zone(self, asked: _Asked) -> Reply:
        said, where = asked.body, "entity.managedZone"
        name, dns_name = said.get("name", ""), said.get("dnsName", "").lower()
        for part, value, shape in (("name", name, _NAME), ("dnsName", dns_name, _DNS_NAME)):
            if not shape.fullmatch(value):
                raise ApiError(400, "invalid", f"Invalid value for '{where}.{part}': '{value}'")
        if name in self._zones:
            message = f"The resource '{where}' named '{name}' already exists"
            raise ApiError(409, "alreadyExists", message)
        if said.get("visibility", "public") != "public":
            raise sandbox_lacks("private zones")
        check_labels(said.get("labels", {}), f"{where}.labels")
        shard = secrets.choice("abcde")
        servers = [f"ns-cloud-{shard}{number}.googledomains.com." for number in range(1, 5)]
        shown = {
            "visibility": "public",
            **said,
            "kind": self.document.default("ManagedZone", "kind"),
            "id": new_id(),
            "creationTime": now(),
            "dnsName": dns_name,
            "nameServers": servers,
            "cloudLoggingConfig": {"kind": "dns#managedZoneCloudLoggingConfig"},
        }
        records = record_sets.initial(dns_name, servers)
        self._zones[name] = Zone(shown, records)
        self._note(self._zones[name], {"additions": list(records.values())})
        return Reply(200, shown)

    def _zone(self, asked: _Asked) -> Zone:
        """By its name or its number."""
        key = asked.arguments["managedZone"]
        for zone in self._zones.values():
            if key in {zone.shown["name"], zone.shown["id"]}:
                return zone
        message = f"The 'parameters.managedZone' resource named '{key}' does not exist."
        raise ApiError(404, "notFound", message)

    def _list_zones(self, asked: _Asked) -> Reply:
        zones = [self._zones[name].shown for name in sorted(self._zones)]
        wanted = asked.query.get("dnsName")
        zones = [zone for zone in zones if wanted in {None, zone["dnsName"]}]
        return _list("dns#managedZonesListResponse", "managedZones", zones, asked)

    def _delete_zone(self, asked: _Asked) -> Reply:
        zone = self._zone(asked)
        if len(zone.records) > 2:  # noqa: PLR2004 - NS and SOA are Google's own
            message = (
                f"The resource named '{zone.shown['name']}' cannot be deleted because it contains "
                "one or more 'resource records'."
            )
            raise ApiError(400, "containerNotEmpty", message)
        del self._zones[zone.shown["name"]]
        return Reply(204)

    def _create_change(self, asked: _Asked) -> Reply:
        zone = self._zone(asked)
        if not (asked.body.get("additions") or asked.body.get("deletions")):
            message = "The 'entity.change' parameter is required but was missing."
            raise ApiError(400, "required", message)
        return Reply(200, self._change(zone, asked.body))

    def _change(self, zone: Zone, said: Resource) -> Resource:
        zone.records = record_sets.changed(zone.records, zone.shown["dnsName"], said)
        return {**self._note(zone, said), "status": "pending"}

    def _note(self, zone: Zone, said: Resource) -> Resource:
        """Pending in the answer that makes it, done in every later one."""
        parts = {key: said[key] for key in ("additions", "deletions") if said.get(key)}
        change = {**parts, "kind": "dns#change", "id": str(len(zone.changes)), "startTime": now()}
        zone.changes.append({**change, "status": "done"})
        return change

    def _get_change(self, asked: _Asked) -> Reply:
        zone, key = self._zone(asked), asked.arguments["changeId"]
        for change in zone.changes:
            if change["id"] == key:
                return Reply(200, change)
        message = f"The 'parameters.changeId' resource named '{key}' does not exist."
        raise ApiError(404, "notFound", message)

    def _list_changes(self, asked: _Asked) -> Reply:
        changes = list(self._zone(asked).changes)
        if asked.query.get("sortOrder") != "ascending":
            changes.reverse()
        return _list("dns#changesListResponse", "changes", changes, asked)

    def _list_records(self, asked: _Asked) -> Reply:
        zone, query = self._zone(asked), asked.query
        if query.get("type") and not query.get("name"):
            message = "The 'parameters.name' parameter is required but was missing."
            raise ApiError(400, "required", message)
        found = [
            zone.records[name, kind]
            for name, kind in sorted(zone.records)
            if query.get("name", name).lower() == name and query.get("type", kind) == kind
        ]
        return _list("dns#resourceRecordSetsListResponse", "rrsets", found, asked)

    def _record(self, asked: _Asked) -> Resource:
        wanted = {"name": asked.arguments["name"], "type": asked.arguments["type"]}
        found = self._zone(asked).records.get((wanted["name"].lower(), wanted["type"]))
        if found is None:
            raise record_sets.missing("parameters.name", wanted)
        return found

    def _get_record(self, asked: _Asked) -> Reply:
        return Reply(200, self._record(asked))

    def _create_record(self, asked: _Asked) -> Reply:
        self._change(self._zone(asked), {"additions": [asked.body]})
        return Reply(200, {"kind": record_sets.KIND, **asked.body})

    def _patch_record(self, asked: _Asked) -> Reply:
        old = self._record(asked)
        new = {**old, **asked.body}
        self._change(self._zone(asked), {"deletions": [old], "additions": [new]})
        return Reply(200, new)

    def _delete_record(self, asked: _Asked) -> Reply:
        self._change(self._zone(asked), {"deletions": [self._record(asked)]})
        return Reply(200, {})


def _list(kind: str, key: str, items: Sequence[Resource], asked: _Asked) -> Reply:
    shown, following = page(items, asked.query, most=_MOST)
    answer: Resource = {"kind": kind, key: shown}
    return Reply(200, {**answer, "nextPageToken": following} if following else answer)
