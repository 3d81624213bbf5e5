"""The two services that the SDK expects of an engine, as plain objects instead of gRPC servers.

The SDK calls them from threads of its own; the work is done on the engine's loop. Errors must be
`grpc.RpcError`s with `code()` and `details()`, since the SDK asks for both.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from liferaft.provision.engine.contract import Diagnostic, Severity
from liferaft.provision.engine.embedded.gate import Stopped
from liferaft.provision.engine.embedded.run import EngineRun
from liferaft.provision.engine.embedded.wire import from_struct, to_struct
from liferaft.provision.engine.faults import EngineLacks

T = TypeVar("T")
_FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
)
_SEVERITIES: Final[dict[int, Severity]] = {
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}
_UNSUPPORTED: Final = {
    "Call": "methods of components",
    "ExistsResource": "asking whether a resource exists",
    "Invoke": "provider functions",
    "RegisterErrorHook": "error hooks",
    "RegisterPackage": "parameterized packages",
    "RegisterResourceHook": "resource hooks",
    "RegisterStackInvokeTransform": "invoke transforms",
    "RegisterStackTransform": "transforms",
}


class ProgramError(grpc.RpcError):
    """An error as the SDK understands it: its text becomes the program's exception."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


class Monitor:
    """pulumirpc.ResourceMonitor for one run."""

    def __init__(self, run: EngineRun, loop: asyncio.AbstractEventLoop) -> None:
        self._run = run
        self._loop = loop

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except Stopped as error:
            raise ProgramError(str(error)) from error

    def GetDeploymentInfo(self, _: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802 - a name of the protocol
        request = self._run.request
        return resource_pb2.DeploymentInfo(
            project=request.project,
            stack=request.stack,
            organization="organization",
            dryRun=self._run.operation == "preview",
            parallel=request.parallel,
            supportedFeatures=_FEATURES,
        )

    def RegisterResource(  # noqa: N802 - a name of the protocol
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        row = self._do(self._run.registrar.register(request))
        known = to_struct(row.outputs) if row.custom else struct_pb2.Struct()
        return resource_pb2.RegisterResourceResponse(urn=row.urn, id=row.id, object=known)

    def ReadResource(  # noqa: N802 - a name of the protocol
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        row = self._do(self._run.registrar.read(request))
        return resource_pb2.ReadResourceResponse(urn=row.urn, properties=to_struct(row.outputs))

    def RegisterResourceOutputs(  # noqa: N802 - a name of the protocol
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        self._do(self._run.register_outputs(request.urn, from_struct(request.outputs)))
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _: empty_pb2.Empty) -> empty_pb2.Empty:  # noqa: N802 - a name of the protocol
        self._do(self._run.finish())
        return empty_pb2.Empty()

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        """Every other method of the service: refused by name."""
        if name not in _UNSUPPORTED:
            raise AttributeError(name)

        def refuse(_: Any) -> Any:
            failure = EngineLacks(_UNSUPPORTED[name])
            self._loop.call_soon_threadsafe(self._run.registrar.refuse, failure)
            raise ProgramError(f"{failure.facts.happened} {failure.facts.do}")

        return refuse


class EngineService:
    """pulumirpc.Engine for one run: the program's log."""

    def __init__(self, run: EngineRun, loop: asyncio.AbstractEventLoop) -> None:
        self._run = run
        self._loop = loop

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802 - a name of the protocol
        severity = _SEVERITIES.get(request.severity)
        if severity is not None:  # the SDK's own chatter is of severity debug
            said = Diagnostic(severity, request.message, request.urn)
            self._loop.call_soon_threadsafe(self._run.log, said)
        return empty_pb2.Empty()

    def RequirePulumiVersion(  # noqa: N802 - a name of the protocol
        self, _: engine_pb2.RequirePulumiVersionRequest
    ) -> engine_pb2.RequirePulumiVersionResponse:
        return engine_pb2.RequirePulumiVersionResponse()
