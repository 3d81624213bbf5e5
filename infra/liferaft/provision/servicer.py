"""Our provider on the wire: the SDK's servicer, and what it leaves out.

It hands no old inputs to `diff` (the state only), it puts a stack trace into every error's text,
and it knows neither `--version` nor Attach.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_MESSAGE_BYTES = 400 << 20
"""The size of a message is bounded as in the SDK's own channels."""


class ComparesInputs(sdk.Provider):
    """A provider whose `diff` is given the old inputs as `old_state`, where the engine sends them.

    What a cloud made of a wish is no difference to it: only another wish is.
    """


class Servicer(ProviderServicer):
    """The SDK's servicer, with old inputs for those who compare them, and Attach."""

    async def Diff(  # noqa: N802  # the service's own name
        self, request: provider_pb2.DiffRequest, context: Any
    ) -> provider_pb2.DiffResponse:
        if isinstance(self._provider, ComparesInputs) and request.HasField("old_inputs"):
            seen = provider_pb2.DiffRequest()
            seen.CopyFrom(request)
            seen.olds.CopyFrom(request.old_inputs)
            request = seen
        answer: provider_pb2.DiffResponse = await super().Diff(request, context)
        return answer

    async def Attach(  # noqa: N802  # as above
        self, request: plugin_pb2.PluginAttach, context: Any
    ) -> empty_pb2.Empty:
        """The engine found us running, under a debugger; its address replaces the argument."""
        self._engine_address = request.address
        return empty_pb2.Empty()


class PlainErrors(grpc.aio.ServerInterceptor):
    """What a provider raises reaches the operator as its own words, without a stack trace."""

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        handler = await continuation(handler_call_details)
        inner = handler.unary_unary if handler is not None else None
        if inner is None:
            return handler

        async def answer(request: Any, context: Any) -> Any:
            try:
                return await inner(request, context)
            except (NotImplementedError, grpc.aio.AbortError):
                raise
            except Exception as error:  # noqa: BLE001  # the SDK wraps whatever a provider raises
                words = str(error.__context__ or error) or type(error).__name__
                return await context.abort(grpc.StatusCode.UNKNOWN, words)

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


def serve(arguments: Sequence[str], version: str, provider: sdk.Provider) -> None:
    """Print the port, then serve until the engine ends this process. `--version` prints it."""
    parser = argparse.ArgumentParser(description="Pulumi provider plugin of liferaft")
    parser.add_argument("engine", nargs="?", default="", help="the engine's address, host:port")
    parser.add_argument("--version", action="version", version=version)
    known, _ = parser.parse_known_args(arguments)  # the engine adds flags of its logging

    async def serve_to_the_end() -> None:
        options = [
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ]
        server = grpc.aio.server(interceptors=[PlainErrors()], options=options)
        servicer = Servicer(list(arguments), version, provider, engine_address=known.engine)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await server.wait_for_termination()

    try:
        asyncio.run(serve_to_the_end())
    except KeyboardInterrupt:
        return  # the operator's Ctrl-C reaches the whole group; the engine tells what became of it
