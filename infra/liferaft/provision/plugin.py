"""The provider plugin's edge: here, and in the commands, credentials come from the environment.

`provider` serves inside the embedded engine's process, `main` is the executable
`pulumi-resource-liferaft` that the Pulumi CLI finds on PATH.
"""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version

from liferaft.clouds.contract import Cloud
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.registry import open_cloud
from liferaft.provision.provider import LiferaftProvider


def provider(environ: Mapping[str, str] = os.environ) -> LiferaftProvider:
    """A provider whose clouds are opened with the credentials in `environ`, read when needed."""

    def open_one(name: str, region: str, inventory: Inventory) -> Cloud:
        return open_cloud(name, region, environ, inventory=inventory)

    return LiferaftProvider(open_one)


def main() -> None:
    """Serves the plugin until the engine ends it; the engine's address is the only argument."""
    from liferaft.provision.servicer import serve

    serve(sys.argv[1:], version("liferaft"), provider())
