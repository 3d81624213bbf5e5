"""`python -m liferaft_sandbox.clouds.aws`: the control plane, in its cloud's network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.aws.accounts import Account
from liferaft_sandbox.clouds.aws.front import create_app
from liferaft_sandbox.clouds.control_plane import AccessLog, Flags, parse_flags, serve
from liferaft_sandbox.lab.machines import Supervisor

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def app(flags: Flags) -> WSGIApplication:
    """Everything the flags name, put together."""
    return create_app(
        Supervisor(flags.supervisor),
        account=Account.load(flags.seed_credentials),
        access_log=AccessLog(flags.log),
    )


if __name__ == "__main__":
    # moto would build 1,300 images per region before we replace them with ours.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    serve(parse_flags("liferaft_sandbox.clouds.aws", sys.argv[1:]), app)
