"""A provider of the SDK, to be served inside the engine's process. Its cloud is a JSON file."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from liferaft.failures import Failure


class Toy(sdk.Provider):
    """Creating is idempotent by URN, as our own provider's is. What it makes is, in its cloud,
    the monotonic time at which it was made; `delay` are seconds until it answers then."""

    def __init__(self) -> None:
        self._file = Path(os.environ["LIFERAFT_CLOUD"])

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        return sdk.ConfigureResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_preview=True,
        )

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        before = {k: v for k, v in request.old_state.items() if k != "token"}
        return sdk.DiffResponse(changes=before != request.new_inputs)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        if "refuse" in request.properties:
            raise Failure("Creating it was refused: quota exceeded.", do="Raise the quota.")
        if not request.preview:
            self._edit(lambda objects: objects.setdefault(request.urn, time.monotonic()))
            delay = request.properties.get("delay", PropertyValue(0.0)).value
            await asyncio.sleep(delay if isinstance(delay, float) else 0.0)
        answer = {**request.properties, "token": PropertyValue("t").with_secret(True)}
        return sdk.CreateResponse(resource_id=request.urn[-3:], properties=answer)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        answer = {**request.news, "token": PropertyValue("t").with_secret(True)}
        return sdk.UpdateResponse(properties=answer)

    async def delete(self, request: sdk.DeleteRequest) -> None:
        self._edit(lambda objects: objects.pop(request.urn, None))

    def _edit(self, change: Any) -> None:
        found = json.loads(self._file.read_text()) if self._file.exists() else {"objects": {}}
        change(found["objects"])
        half = self._file.with_suffix(".half")  # tests look at it at any moment
        half.write_text(json.dumps(found))
        half.rename(self._file)


def provider() -> sdk.Provider:
    return Toy()
