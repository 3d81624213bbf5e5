"""`python -m liferaft_sandbox.clouds.hetzner`: the control plane, in its cloud's network."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.control_plane import AccessLog, Flags, parse_flags, serve
from liferaft_sandbox.clouds.hetzner.front import create_app
from liferaft_sandbox.lab.machines import Supervisor

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def app(flags: Flags) -> WSGIApplication:
    """Everything the flags name; the seed file is `{"tokens": ["…"]}`."""
    seed = json.loads(flags.seed_credentials.read_text(encoding="utf-8"))
    return create_app(
        Supervisor(flags.supervisor),
        tokens=frozenset(seed["tokens"]),
        access_log=AccessLog(flags.log),
    )


if __name__ == "__main__":
    serve(parse_flags("liferaft_sandbox.clouds.hetzner", sys.argv[1:]), app)
