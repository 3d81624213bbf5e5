"""A provider that answers at once, so that what is measured is the engine. Serves both engines:
`provider` inside the embedded one's process, `python -m benchmarks.instant` as a plugin."""

import sys

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from liferaft.provision.servicer import serve

VERSION = "1.0.0"


class Instant(sdk.Provider):
    async def get_schema(self, request: sdk.GetSchemaRequest) -> sdk.GetSchemaResponse:
        return sdk.GetSchemaResponse(schema=f'{{"name":"instant","version":"{VERSION}"}}')

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        return sdk.DiffResponse(changes=False)

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        return sdk.ConfigureResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False, supports_preview=True
        )

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        before = {key: request.old_state.get(key) for key in request.new_inputs}
        return sdk.DiffResponse(changes=before != request.new_inputs)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        name = request.urn.rpartition("::")[2]
        properties = {**request.properties, "address": PropertyValue(f"address of {name}")}
        return sdk.CreateResponse(resource_id=f"id-{name}", properties=properties)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        return sdk.UpdateResponse(properties=request.news)

    async def delete(self, request: sdk.DeleteRequest) -> None:
        """Gone at once."""


def provider() -> sdk.Provider:
    return Instant()


if __name__ == "__main__":
    serve(sys.argv[1:], VERSION, provider())
