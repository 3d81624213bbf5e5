"""What a Cloud DNS zone holds, and how it changes: whole or not at all.

https://cloud.google.com/dns/docs/reference/rest/v1/changes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from liferaft_sandbox.clouds.gcp.errors import ApiError, condition_not_met, sandbox_lacks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.state import Resource

    RecordSets = dict[tuple[str, str], Resource]

KIND = "dns#resourceRecordSet"


def initial(dns_name: str, name_servers: list[str]) -> RecordSets:
    """What Google puts at the top of a new zone."""
    soa = f"{name_servers[0]} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"
    sets = [
        {"kind": KIND, "name": dns_name, "type": "NS", "ttl": 21600, "rrdatas": name_servers},
        {"kind": KIND, "name": dns_name, "type": "SOA", "ttl": 21600, "rrdatas": [soa]},
    ]
    return {_key(one): one for one in sets}


def changed(before: RecordSets, dns_name: str, change: Mapping[str, list[Resource]]) -> RecordSets:
    """The zone after deletions, then additions. Raises ApiError for the first that cannot be."""
    after = dict(before)
    for index, deletion in enumerate(change.get("deletions", ())):
        field = f"entity.change.deletions[{index}]"
        there = after.get(_key(deletion))
        if there is None:
            raise missing(field, deletion)
        same = sorted(there["rrdatas"]) == sorted(deletion.get("rrdatas", ()))
        if not same or there["ttl"] != deletion.get("ttl"):
            raise condition_not_met(f"Precondition not met for '{field}'")
        del after[_key(deletion)]
    for index, addition in enumerate(change.get("additions", ())):
        field = f"entity.change.additions[{index}]"
        _check(addition, dns_name, field)
        if _key(addition) in after:
            said = f"The resource '{field}' named '{_shown(addition)}' already exists"
            raise ApiError(409, "alreadyExists", said)
        after[_key(addition)] = {"kind": KIND, **addition, "name": addition["name"].lower()}
    _refuse_shared_aliases(after)
    for kind in ("NS", "SOA"):
        if (dns_name, kind) not in after:  # assumed reason
            said = (
                f"The resource record set of type '{kind}' with DNS name '{dns_name}' cannot be "
                f"deleted: a zone must contain exactly one resource record set of type '{kind}' "
                "at the apex."
            )
            raise ApiError(400, "invalidZoneApex", said)
    return after


def missing(field: str, record_set: Resource) -> ApiError:
    said = f"The '{field}' resource named '{_shown(record_set)}' does not exist."
    return ApiError(404, "notFound", said)


def _check(addition: Resource, dns_name: str, field: str) -> None:
    """Type, name, time and values as they may stand in a zone file."""
    if "routingPolicy" in addition:
        raise sandbox_lacks("routing policies of record sets")
    name, kind = addition.get("name", ""), addition.get("type", "")
    if not f".{name.lower()}".endswith(f".{dns_name}") or not _is_name(name):
        raise _invalid(f"{field}.name", name)
    if kind not in dns.rdatatype.RdataType.__members__:
        raise _invalid(f"{field}.type", kind)
    if addition.get("ttl", -1) < 0:
        raise _invalid(f"{field}.ttl", addition.get("ttl", ""))
    if not addition.get("rrdatas"):
        raise ApiError(400, "required", f"The '{field}.rrdata' parameter is required but missing.")
    for index, value in enumerate(addition["rrdatas"]):
        try:
            dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), value)
        except dns.exception.DNSException as error:
            raise _invalid(f"{field}.rrdata[{index}]", value) from error


def _refuse_shared_aliases(after: RecordSets) -> None:
    for name, kind in after:
        others = [other for owner, other in after if owner == name and other != kind]
        if kind == "CNAME" and (others or len(after[name, kind]["rrdatas"]) > 1):
            said = (
                f"The resource record set 'entity.change.additions' is invalid because the DNS "
                f"name '{name}' may have either one CNAME resource record set or resource record "
                "sets of other types, but not both."
            )
            raise ApiError(400, "cnameResourceRecordSetConflict", said)


def _is_name(name: str) -> bool:
    try:
        return dns.name.from_text(name, None).is_absolute()
    except dns.exception.DNSException:
        return False


def _invalid(field: str, value: object) -> ApiError:
    return ApiError(400, "invalid", f"Invalid value for '{field}': '{value}'")


def _key(record_set: Resource) -> tuple[str, str]:
    return str(record_set.get("name", "")).lower(), str(record_set.get("type", ""))


def _shown(record_set: Resource) -> str:
    return f"{record_set.get('name')} ({record_set.get('type')})"
