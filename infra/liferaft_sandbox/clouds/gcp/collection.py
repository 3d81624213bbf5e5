"""What all kinds of resources share: insert, get, list, aggregatedList, delete, setLabels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.catalogue import REGIONS, ZONES
from liferaft_sandbox.clouds.gcp.errors import (
    already_exists,
    condition_not_met,
    in_use,
    invalid,
    required,
)
from liferaft_sandbox.clouds.gcp.links import link
from liferaft_sandbox.clouds.gcp.listing import page
from liferaft_sandbox.clouds.gcp.operations import do_nothing, is_ready_at_once, now
from liferaft_sandbox.clouds.gcp.state import fingerprint, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.state import Resource, State

    Handler = Callable[[Call], Resource]

_ZONAL = frozenset({"instances", "disks", "diskTypes", "machineTypes"})
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_FORMAT = "The value can only contain lowercase letters, numeric characters, underscores and dashes"


def refuse_used_name(call: Call) -> str:
    """The path that the body's name makes; raises ApiError when it is taken or missing."""
    if not call.body.get("name"):
        raise required("resource.name")
    path = f"{call.collection}/{call.body['name']}"
    if path in call.state.resources:
        raise already_exists(path)
    return path


def new_resource(call: Call, path: str, schema: str, said: Mapping[str, Any]) -> Resource:
    """What Google adds to every new resource of that schema."""
    document, scope = call.document, path.rsplit("/", 2)[0]
    resource = {
        **said,
        "kind": document.default(schema, "kind"),
        "id": new_id(),
        "creationTimestamp": now(),
        "name": path.rpartition("/")[2],
        "selfLink": link(path),
    }
    for place in ("zone", "region"):
        if f"/{place}s/" in scope and document.has(schema, place):
            resource[place] = link(scope)
    if document.has(schema, "labels"):
        check_labels(resource.get("labels", {}))
        resource["labelFingerprint"] = fingerprint(resource.get("labels", {}))
    if document.has(schema, "fingerprint"):
        resource["fingerprint"] = fingerprint(resource["id"])
    return resource


def insert(
    call: Call,
    path: str,
    said: Mapping[str, Any],
    *,
    ready: Callable[[], bool] = is_ready_at_once,
    then: Callable[[], None] = do_nothing,
) -> Resource:
    """The resource is there at once, and settled when its operation is done."""
    resource = new_resource(call, path, call.method.request or "", said)
    call.state.resources[path] = resource
    return call.operate(path, resource["id"], ready=ready, then=then)


def get(call: Call) -> Resource:
    return call.resource


def listed(call: Call) -> Resource:
    return show_list(call, call.state.of(call.collection))


def show_list(call: Call, items: Sequence[Resource]) -> Resource:
    """A page of the items as the method's answer."""
    shown, following = page(items, call.query)
    answer: Resource = {
        "kind": call.document.default(call.method.response, "kind"),
        "id": call.collection,
        "selfLink": link(call.collection),
    }
    if shown:
        answer["items"] = shown
    if following:
        answer["nextPageToken"] = following
    return answer


def aggregated(call: Call) -> Resource:
    return show_aggregated(call, call.state.all(call.method.collection))


def show_aggregated(call: Call, items: Sequence[Resource], kind: str = "") -> Resource:
    """The items by their scope; an empty scope carries a warning, as at Google."""
    kind = kind or call.method.collection
    shown, following = page(items, call.query)
    base = link(f"projects/{call.project}/")
    scopes: dict[str, Resource] = {
        scope: {"warning": _no_results(scope)} for scope in _scopes(kind)
    }
    for item in shown:
        scope = item["selfLink"].removeprefix(base).rsplit("/", 2)[0]
        held = scopes.setdefault(scope, {})
        held.pop("warning", None)
        held.setdefault(kind, []).append(item)
    answer = {
        "kind": call.document.default(call.method.response, "kind"),
        "id": f"projects/{call.project}/aggregated/{kind}",
        "items": scopes,
        "selfLink": f"{base}aggregated/{kind}",
    }
    if following:
        answer["nextPageToken"] = following
    return answer


def _scopes(kind: str) -> list[str]:
    """Where things of a kind can lie."""
    zones, regions = [f"zones/{zone}" for zone in ZONES], [f"regions/{name}" for name in REGIONS]
    if kind == "operations":
        return ["global", *regions, *zones]
    return zones if kind in _ZONAL else regions


def delete(call: Call) -> Resource:
    """Refused while anything refers to the resource; gone when the operation is done."""
    path, resource = call.path, call.state.settled(call.path)
    refuse_used(call.state, path)
    return call.operate(path, resource["id"], then=lambda: forget(call.state, path))


def refuse_used(state: State, path: str) -> None:
    resource = state.get(path)
    user = state.referrer(path) or next(iter(resource.get("users", ())), "").removeprefix(link(""))
    if user:
        raise in_use(resource["kind"].partition("#")[2], path, user)


def forget(state: State, path: str) -> None:
    """Something may have begun to use it since; then the delete operation fails."""
    if path in state.resources:
        refuse_used(state, path)
        del state.resources[path]


def set_labels(call: Call) -> Resource:
    resource = call.state.settled(call.path)
    labels = call.body.get("labels", {})
    check_labels(labels)
    if call.body.get("labelFingerprint") != resource["labelFingerprint"]:
        raise condition_not_met("Labels fingerprint either invalid or resource labels have changed")
    resource["labels"], resource["labelFingerprint"] = labels, fingerprint(labels)
    return call.operate(call.path, resource["id"])


def check_labels(labels: Mapping[str, str], field: str = "resource.labels") -> None:
    """https://cloud.google.com/compute/docs/labeling-resources#requirements

    International letters, which Google takes, are refused here.
    """
    if len(labels) > 64:  # noqa: PLR2004 - the documented limit
        raise invalid(field, "", "The number of labels is over the maximum of 64.")
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key):
            raise invalid(field, "", f"Label key '{key}' violates format constraints. {_FORMAT}.")
        if not _LABEL_VALUE.fullmatch(value):
            said = f"Label value '{value}' violates format constraints. {_FORMAT}."
            raise invalid(field, "", said)


def _no_results(scope: str) -> Resource:
    return {
        "code": "NO_RESULTS_ON_PAGE",
        "message": f"There are no results for scope '{scope}' on this page.",
        "data": [{"key": "scope", "value": scope}],
    }
