"""How messages reach a provider: a plugin's process over gRPC, or the SDK's servicer right here.

Both take and give the same protobuf messages, so there is one client (`providers`).
"""

import asyncio
import contextlib
import importlib
import shutil
from typing import Any, Final, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from liferaft.failures import Facts, Failure
from liferaft.provision.engine.faults import BadProgram
from liferaft.provision.servicer import Servicer

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_MESSAGE_BYTES: Final = 400 << 20


class ProviderError(Exception):
    """A provider refused or failed; the text is the provider's own. `facts`: of a Failure."""

    def __init__(
        self, message: str, *, unimplemented: bool = False, facts: Facts | None = None
    ) -> None:
        super().__init__(message)
        self.unimplemented = unimplemented
        self.facts = facts


class InitFailed(ProviderError):
    """The object exists, but did not become what was asked for."""

    def __init__(self, detail: provider_pb2.ErrorResourceInitFailed) -> None:
        super().__init__("\n".join(detail.reasons))
        self.detail = detail


class Transport(Protocol):
    async def call(self, method: str, message: Any, seconds: float) -> Any:
        """The provider's answer; raises `ProviderError`, also after `seconds` of silence."""
        ...

    async def close(self) -> None: ...


class InProcess:
    """A provider object of the SDK, called through the SDK's own servicer, without a socket."""

    def __init__(self, source: str) -> None:
        """`source` is `module:factory`."""
        module, _, factory = source.partition(":")
        provider = getattr(importlib.import_module(module), factory)()
        self._servicer: Any = Servicer([], "", provider, "")

    async def call(self, method: str, message: Any, seconds: float) -> Any:
        if method == "Handshake":
            return empty_pb2.Empty()
        try:
            async with asyncio.timeout(seconds):
                return await getattr(self._servicer, method)(message, None)
        except NotImplementedError as error:
            raise ProviderError(f"{method} is not implemented", unimplemented=True) from error
        except TimeoutError as error:
            raise ProviderError(f"{method} gave no answer in {seconds:.0f} s") from error
        except Exception as error:  # noqa: BLE001 - the servicer wraps whatever a provider raises
            cause = error.__context__ or error  # the wrapper's text has a stack trace glued on
            raise ProviderError(_words(cause), facts=_facts(cause)) from cause

    async def close(self) -> None:
        """Nothing runs that would have to be ended."""


class Plugin:
    """An ambient plugin: the executable `pulumi-resource-NAME`, which prints its port."""

    def __init__(self, process: asyncio.subprocess.Process, port: str) -> None:
        self._process = process
        options = [("grpc.max_receive_message_length", _MESSAGE_BYTES)]
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options)
        self._stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)

    @classmethod
    async def start(cls, package: str) -> "Plugin":
        """Start it; raises `BadProgram` when there is none, or it does not come up."""
        name = f"pulumi-resource-{package}"
        if shutil.which(name) is None:
            raise BadProgram(
                f"There is no provider for package {package}: no {name} on PATH.",
                do=f"Install {name}, or name the package among the providers in process.",
            )
        process = await asyncio.create_subprocess_exec(
            name, "127.0.0.1:0", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        port = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                port = (await process.stdout.readline()).strip()
        if not port.isdigit():
            await _end(process)
            raise BadProgram(f"{name} printed no port within {_START_SECONDS:.0f} s.")
        return cls(process, port.decode())

    async def call(self, method: str, message: Any, seconds: float) -> Any:
        try:
            return await getattr(self._stub, method)(message, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            init_failed = _init_failed(error)
            if init_failed is not None:
                raise InitFailed(init_failed) from error
            unimplemented = error.code() == grpc.StatusCode.UNIMPLEMENTED
            text = error.details() or str(error.code())
            raise ProviderError(text, unimplemented=unimplemented) from error

    async def close(self) -> None:
        await self._channel.close()
        await _end(self._process)


def _facts(error: BaseException) -> Facts | None:
    """The facts of the failure behind an error, if there is one: the nearer error may only be its
    rendering."""
    behind = error.__cause__ if isinstance(error.__cause__, Failure) else error
    return behind.facts if isinstance(behind, Failure) else None


def _words(error: BaseException) -> str:
    if isinstance(error, Failure) and not isinstance(error.__cause__, Failure):
        return " ".join(filter(None, (error.facts.happened, error.facts.do)))
    return str(error) or type(error).__name__


def _init_failed(error: grpc.aio.AioRpcError) -> provider_pb2.ErrorResourceInitFailed | None:
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            raw = value if isinstance(value, bytes) else value.encode()
            for detail in status_pb2.Status.FromString(raw).details:
                found = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(found):
                    return found
    return None


async def _end(process: asyncio.subprocess.Process) -> None:
    for end in (process.terminate, process.kill):
        with contextlib.suppress(ProcessLookupError):
            end()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            return
