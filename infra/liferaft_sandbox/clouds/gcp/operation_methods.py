"""Operations as clients ask for them:
https://cloud.google.com/compute/docs/api/how-tos/api-requests-responses"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource


def get(call: Call) -> Resource:
    """Also `wait`: the front asks again until it is done."""
    return call.state.operations.get(f"{call.scope}/operations/{call.key}").show()


def listed(call: Call) -> Resource:
    found = call.state.operations.within(call.scope)
    return collection.show_list(call, [operation.show() for operation in found])


def aggregated(call: Call) -> Resource:
    found = call.state.operations.within(f"projects/{call.project}")
    shown = [operation.show() for operation in found]
    return collection.show_aggregated(call, shown, "operations")


def delete(call: Call) -> Resource:
    call.state.operations.delete(f"{call.scope}/operations/{call.key}")
    return {}


HANDLERS: Mapping[str, Handler] = {
    **{
        f"compute.{scope}Operations.{name}": handler
        for scope in ("zone", "region", "global")
        for name, handler in {"get": get, "wait": get, "list": listed, "delete": delete}.items()
    },
    "compute.globalOperations.aggregatedList": aggregated,
}
