"""How an account stands with its simulated provider, and where that has no room: the lab's word."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug import Response

if TYPE_CHECKING:
    from werkzeug import Request

PREFIX = "/_sandbox/"


@dataclass
class Standing:
    """Changed by POST /_sandbox/suspend, /_sandbox/reinstate, /_sandbox/stockout and
    /_sandbox/restock, which are for the lab alone and are not logged.

    A stockout is `{"zone": …, "machine_type": …}`: no room there for that type. With
    `"later": true` the launch is accepted first, and fails as it goes on. A restock ends all.
    """

    suspended: bool = False
    _stockouts: dict[tuple[str, str], bool] = field(default_factory=dict)

    def lacks_room(self, zone: str, machine_type: str) -> bool:
        """Whether to refuse the launch at once."""
        return self._stockouts.get((zone, machine_type)) is False

    def fails_later(self, zone: str, machine_type: str) -> bool:
        """Whether to accept the launch and let it fail."""
        return self._stockouts.get((zone, machine_type)) is True

    def obey(self, request: Request) -> Response:
        """The answer to a request under PREFIX."""
        if request.method != "POST":
            return Response(status=404)
        match request.path.removeprefix(PREFIX):
            case "suspend":
                self.suspended = True
            case "reinstate":
                self.suspended = False
            case "stockout":
                said = json.loads(request.get_data())
                room = said["zone"], said["machine_type"]
                self._stockouts[room] = said.get("later", False)
            case "restock":
                self._stockouts.clear()
            case _:
                return Response(status=404)
        return Response(status=204)
