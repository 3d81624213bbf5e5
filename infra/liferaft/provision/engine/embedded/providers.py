"""The client of one provider: what the engine asks, in values, whatever the transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from liferaft.provision.engine.embedded.diff import Difference, is_different
from liferaft.provision.engine.embedded.transport import InitFailed, ProviderError, Transport
from liferaft.provision.engine.embedded.wire import from_struct, to_struct
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.values import Properties, Value, marked_like, plain
from liferaft.provision.engine.urn import name_of, package_of, type_of

_ASK_SECONDS: Final = 120.0
_ACT_SECONDS: Final = 3600.0
"""The provider has its own, shorter waits; this one only keeps us from waiting forever."""
_REPLACE_KINDS: Final = {
    provider_pb2.PropertyDiff.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class CheckFailed(Exception):
    """A provider found inputs wrong; one sentence for each."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


class PartlyDone(Exception):
    """A create or update left an object that is not as it was asked for."""

    def __init__(self, ident: str, outputs: Properties, reasons: tuple[str, ...]) -> None:
        super().__init__("\n".join(reasons))
        self.ident = ident
        self.outputs = outputs
        self.reasons = reasons


@dataclass(frozen=True)
class FoundObject:
    """An object as its provider sees it now."""

    ident: str
    inputs: Properties | None
    """The inputs are None when the provider does not tell them."""
    outputs: Properties
    init_errors: tuple[str, ...] = ()


class Provider:
    """Every call raises `ProviderError` when the provider fails, with its own words."""

    def __init__(self, transport: Transport, *, creates_once: bool = False) -> None:
        """`creates_once`: asked again for the same URN, it finds what it has made before."""
        self._transport = transport
        self._secrets = False
        self.previews = False
        self.creates_once = creates_once

    async def close(self) -> None:
        await self._transport.close()

    # -- configuration ---------------------------------------------------------------------

    async def check_config(self, urn: str, old: Properties, new: Properties) -> dict[str, Value]:
        """The configuration as the provider completes it; raises `CheckFailed`."""
        request = provider_pb2.CheckRequest(
            olds=to_struct(old, secrets=False), news=to_struct(new, secrets=False), **_named(urn)
        )
        return await self._check("CheckConfig", request, urn, new)

    async def diff_config(self, urn: str, ident: str, old: Row, new: Properties) -> Difference:
        request = provider_pb2.DiffRequest(
            id=ident,
            olds=to_struct(old.outputs, secrets=False),
            old_inputs=to_struct(_public(old.inputs), secrets=False),
            news=to_struct(new, secrets=False),
            **_named(urn),
        )
        return await self._compare("DiffConfig", request, _public(old.inputs), new)

    async def configure(self, urn: str, ident: str, inputs: Properties) -> None:
        package = package_of(type_of(urn))
        texts = {key: value for key, value in plain(dict(inputs)).items() if isinstance(value, str)}
        request = provider_pb2.ConfigureRequest(
            variables={f"{package}:config:{key}": text for key, text in texts.items()},
            args=to_struct(inputs),
            acceptSecrets=True,
            acceptResources=False,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            id=ident,
            **_named(urn),
        )
        answer = await self._transport.call("Configure", request, _ASK_SECONDS)
        self._secrets = answer.acceptSecrets
        self.previews = answer.supportsPreview

    async def shake_hands(self) -> None:
        request = provider_pb2.ProviderHandshakeRequest(configure_with_urn=True)
        try:
            await self._transport.call("Handshake", request, _ASK_SECONDS)
        except ProviderError as error:
            if not error.unimplemented:
                raise

    # -- resources -------------------------------------------------------------------------

    async def check(self, urn: str, old: Properties, new: Properties) -> dict[str, Value]:
        """The inputs as the provider completes them; raises `CheckFailed`."""
        request = provider_pb2.CheckRequest(
            olds=self._struct(old), news=self._struct(new), **_named(urn)
        )
        return await self._check("Check", request, urn, new)

    async def diff(self, old: Row, new: Properties, ignored: tuple[str, ...]) -> Difference:
        request = provider_pb2.DiffRequest(
            id=old.id,
            olds=self._struct(old.outputs),
            old_inputs=self._struct(old.inputs),
            news=self._struct(new),
            ignoreChanges=ignored,
            **_named(old.urn),
        )
        return await self._compare("Diff", request, old.inputs, new)

    async def create(
        self, urn: str, inputs: Properties, *, preview: bool
    ) -> tuple[str, dict[str, Value]]:
        """Id and outputs; raises `PartlyDone` when an object is there, but not as wanted."""
        if preview and not self.previews:
            return "", dict(inputs)
        request = provider_pb2.CreateRequest(
            properties=self._struct(inputs), preview=preview, **_named(urn)
        )
        answer = await self._act("Create", request, inputs)
        return answer.id, marked_like(from_struct(answer.properties), inputs)

    async def update(
        self, old: Row, inputs: Properties, ignored: tuple[str, ...], *, preview: bool
    ) -> dict[str, Value]:
        """Outputs; raises `PartlyDone` as `create` does."""
        if preview and not self.previews:
            return dict(inputs)
        request = provider_pb2.UpdateRequest(
            id=old.id,
            olds=self._struct(old.outputs),
            old_inputs=self._struct(old.inputs),
            news=self._struct(inputs),
            ignoreChanges=ignored,
            preview=preview,
            **_named(old.urn),
        )
        answer = await self._act("Update", request, inputs)
        return marked_like(from_struct(answer.properties), inputs)

    async def read(
        self, urn: str, ident: str, inputs: Properties, outputs: Properties
    ) -> FoundObject | None:
        """The object of this id; None when there is none."""
        request = provider_pb2.ReadRequest(
            id=ident,
            inputs=self._struct(inputs),
            properties=self._struct(outputs),
            **_named(urn),
        )
        reasons: tuple[str, ...] = ()
        try:
            answer = await self._transport.call("Read", request, _ASK_SECONDS)
        except InitFailed as error:
            answer, reasons = error.detail, tuple(error.detail.reasons)
        if not answer.id:
            return None
        told = from_struct(answer.inputs) if answer.HasField("inputs") else None
        return FoundObject(
            answer.id,
            None if told is None else marked_like(told, inputs),
            marked_like(from_struct(answer.properties), {**inputs, **outputs}),
            reasons,
        )

    async def delete(self, row: Row) -> None:
        request = provider_pb2.DeleteRequest(
            id=row.id,
            properties=self._struct(row.outputs),
            old_inputs=self._struct(row.inputs),
            **_named(row.urn),
        )
        await self._transport.call("Delete", request, _ACT_SECONDS)

    # -- answers ---------------------------------------------------------------------------

    def _struct(self, values: Properties) -> struct_pb2.Struct:
        return to_struct(values, secrets=self._secrets)

    async def _check(
        self, method: str, request: Any, urn: str, new: Properties
    ) -> dict[str, Value]:
        try:
            answer = await self._transport.call(method, request, _ASK_SECONDS)
        except ProviderError as error:
            if error.unimplemented:
                return dict(new)
            raise
        if answer.failures:
            raise CheckFailed(tuple(_sentence(urn, failure, new) for failure in answer.failures))
        return marked_like(from_struct(answer.inputs), new)

    async def _compare(
        self, method: str, request: Any, old: Properties, new: Properties
    ) -> Difference:
        try:
            answer = await self._transport.call(method, request, _ASK_SECONDS)
        except ProviderError as error:
            if error.unimplemented:
                return Difference(is_different(old, new))
            raise
        replaces = {path for path, d in answer.detailedDiff.items() if d.kind in _REPLACE_KINDS}
        return Difference(
            changed={1: False, 2: True}.get(answer.changes),
            keys=frozenset(map(_top, (*answer.diffs, *answer.detailedDiff))),
            replaces=frozenset(map(_top, (*answer.replaces, *replaces))),
            delete_first=answer.deleteBeforeReplace,
        )

    async def _act(self, method: str, request: Any, inputs: Properties) -> Any:
        try:
            return await self._transport.call(method, request, _ACT_SECONDS)
        except InitFailed as error:
            outputs = marked_like(from_struct(error.detail.properties), inputs)
            raise PartlyDone(error.detail.id, outputs, tuple(error.detail.reasons)) from error


class NoTransport:
    """The transport to a provider that is the engine's own: it answers like one that knows no
    method."""

    async def call(self, method: str, message: Any, seconds: float) -> Any:
        raise ProviderError(f"{method} is not known here", unimplemented=True)

    async def close(self) -> None:
        """Nothing runs."""


class UnknownProvider(Provider):
    """A provider whose configuration is not known before the real run: previews ask it nothing."""

    def __init__(self) -> None:
        super().__init__(NoTransport())

    async def read(
        self, urn: str, ident: str, inputs: Properties, outputs: Properties
    ) -> FoundObject | None:
        return FoundObject(ident, inputs, outputs)


def _named(urn: str) -> Mapping[str, Any]:
    return {"urn": urn, "name": name_of(urn), "type": type_of(urn)}


def _public(inputs: Properties) -> dict[str, Value]:
    """A provider's inputs without the engine's own key."""
    return {key: value for key, value in inputs.items() if key != "__internal"}


def _top(path: str) -> str:
    """The property that a path such as `tags.a` or `ports[0]` begins with."""
    return path.split(".", 1)[0].split("[", 1)[0]


def _sentence(urn: str, failure: provider_pb2.CheckFailure, inputs: Properties) -> str:
    """A refused input in the Pulumi CLI's words; a secret value is never repeated."""
    who = f"{type_of(urn)} resource '{name_of(urn)}'"
    if not failure.property:
        return f"{who} has a problem: {failure.reason}"
    value = inputs.get(_top(failure.property))
    shown = f" value {{{value}}}" if isinstance(value, str | int | float) else ""
    return f"{who}: property {failure.property}{shown} has a problem: {failure.reason}"
