"""`python -m liferaft_sandbox.clouds.gcp`: the control plane, in its cloud's network."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.control_plane import AccessLog, Flags, parse_flags, serve
from liferaft_sandbox.clouds.gcp.front import create_app
from liferaft_sandbox.clouds.gcp.seed import Seed
from liferaft_sandbox.lab.machines import Supervisor

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def app(flags: Flags) -> WSGIApplication:
    """Everything the flags name; `Seed` says what the seed file holds."""
    return create_app(
        Supervisor(flags.supervisor),
        seed=Seed.read(flags.seed_credentials),
        access_log=AccessLog(flags.log),
    )


if __name__ == "__main__":
    serve(parse_flags("liferaft_sandbox.clouds.gcp", sys.argv[1:]), app)
