"""The Pulumi provider over `liferaft.clouds`: checks, compares, and calls the cloud in threads."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as sdk
from pulumi.runtime.proto.provider_pb2 import DiffResponse
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from liferaft.clouds.contract import Cloud, Owner, Resource
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import SERVER, ResourceKind, ServerSpec
from liferaft.clouds.lookup import resource
from liferaft.clouds.sizes import WantedSize
from liferaft.clouds.systems import DEFAULT_SYSTEM, System, system_named
from liferaft.failures import BadInput, Failure
from liferaft.provision.properties import (
    Properties,
    changed,
    expected_state,
    faults,
    has_unknown,
    inputs_told,
    marked,
    plain,
    spec_of,
    state_of,
)
from liferaft.provision.resources import PACKAGE, kind_of
from liferaft.provision.schema import schema
from liferaft.provision.servicer import ComparesInputs

T = TypeVar("T")

_REQUIRED = ("cloud", "region", "app", "site", "epoch")
INVENTORY = "inventory"
SYSTEM = "system"
_ELSEWHERE = ("cloud", "region", "app", "site")
"""A change of these means that everything is somewhere else."""


@dataclass(frozen=True)
class Settings:
    """The provider's configuration: `liferaft:cloud`, `:region`, `:app`, `:site`, `:epoch`."""

    cloud: str
    region: str
    app: str
    site: str
    epoch: int
    inventory: Inventory = field(default_factory=Inventory)
    """`liferaft:inventory`, JSON: what a cloud without an API consists of."""
    system: System = DEFAULT_SYSTEM
    """`liferaft:system`: what servers run for which the program names nothing."""


class ProviderFailure(Failure):
    """A failure whose text says everything: Pulumi carries texts, not facts.

    The original is its `__cause__`.
    """

    def __init__(self, failure: Failure) -> None:
        facts = failure.facts
        sentences = (facts.happened.removesuffix("."), facts.safe.removesuffix("."), facts.do)
        super().__init__(
            ". ".join(text for text in sentences if text),
            safe=facts.safe,
            do=facts.do,
            details=facts.details,
        )


class LiferaftProvider(ComparesInputs):
    """Stateless but for its configuration; credentials are in `open_cloud`, never in properties."""

    def __init__(self, open_cloud: Callable[[str, str, Inventory], Cloud]) -> None:
        """`open_cloud(name, region, inventory)` is called once, in a thread, when a cloud is first
        needed."""
        self._open_cloud = open_cloud
        self._lock = threading.Lock()
        self._cloud: Cloud | None = None
        self._settings: Settings | None = None

    async def get_schema(self, request: sdk.GetSchemaRequest) -> sdk.GetSchemaResponse:
        return sdk.GetSchemaResponse(schema=json.dumps(schema()))

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        failures = [
            sdk.CheckFailure(name, f"is missing: set {PACKAGE}:{name} in the stack's configuration")
            for name in _REQUIRED
            if name not in request.new_inputs
        ]
        epoch = request.new_inputs.get("epoch")
        if epoch is not None and not has_unknown(epoch) and not str(plain(epoch)).isdigit():
            failures.append(sdk.CheckFailure("epoch", "is not a whole number"))
        return sdk.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        diffs = [
            name
            for name in _REQUIRED
            if _text(request.old_state.get(name)) != _text(request.new_inputs.get(name))
        ]
        # The SDK sends this one as it is: `True` would arrive as the number of DIFF_NONE.
        verdict = DiffResponse.DIFF_SOME if diffs else DiffResponse.DIFF_NONE
        return sdk.DiffResponse(
            changes=verdict,  # type: ignore[arg-type]  # see above
            diffs=diffs,
            replaces=[name for name in diffs if name in _ELSEWHERE],
        )

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        given = {name: _setting(request, name) for name in _REQUIRED}
        missing = [name for name, value in given.items() if not value]
        if missing:
            raise BadInput(
                f"The provider's configuration lacks {', '.join(missing)}",
                safe="Nothing was touched.",
                do=f"Set {PACKAGE}:<name> in the stack's configuration.",
            )
        self._settings = Settings(
            cloud=given["cloud"],
            region=given["region"],
            app=given["app"],
            site=given["site"],
            epoch=int(given["epoch"]),
            inventory=self._inventory(request),
            system=system_named(_setting(request, SYSTEM) or DEFAULT_SYSTEM),
        )
        return sdk.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_outputs=False, accept_resources=False
        )

    @staticmethod
    def _inventory(request: sdk.ConfigureRequest) -> Inventory:
        text = _setting(request, INVENTORY)
        try:
            return Inventory.from_json(text) if text else Inventory()
        except ValidationError as error:
            raise BadInput(
                f"{PACKAGE}:{INVENTORY} is not a valid inventory: {error.error_count()} faults, "
                f"the first at {'.'.join(str(part) for part in error.errors()[0]['loc'])}",
                safe="Nothing was touched.",
                do="Correct it in the stack's configuration.",
            ) from None

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        kind = kind_of(request.type)
        if kind is None:
            return sdk.CheckResponse(
                inputs=request.new_inputs,
                failures=[sdk.CheckFailure("", f"there is no resource type {request.type}")],
            )
        found = faults(kind, request.new_inputs)
        return sdk.CheckResponse(
            inputs=marked(kind, request.new_inputs),
            failures=[sdk.CheckFailure(fault.property, fault.reason) for fault in found],
        )

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        kind = _known_kind(request.type)
        diffs = [
            name
            for name in changed(kind, request.old_state, request.new_inputs)
            if name not in request.ignore_changes
        ]
        updatable = {to_camel(name) for name in kind.updatable}
        replaces = [name for name in diffs if name not in updatable]
        if kind is SERVER and set(diffs) - {"rules"}:
            await self._require_size(request.new_inputs)
        return sdk.DiffResponse(
            changes=bool(diffs),
            diffs=diffs,
            replaces=replaces,
            # Names, private addresses and owner tokens can be held by one thing at a time.
            delete_before_replace=bool(replaces),
            detailed_diff={
                name: _difference(name, request, replace=name in replaces) for name in diffs
            },
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        kind = _known_kind(request.type)
        if request.preview:
            return sdk.CreateResponse("", expected_state(kind, request.properties))
        spec = spec_of(kind, request.properties)
        if isinstance(spec, ServerSpec) and spec.system is None:
            spec = replace(spec, system=self._require_settings().system)
        owner = self._owner(request.urn)
        facts = await self._at_cloud(kind, lambda things: things.create(spec, owner))
        return sdk.CreateResponse(facts.id, state_of(kind, request.properties, facts))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        kind = _known_kind(request.type)
        ident = request.resource_id
        facts = await self._at_cloud(kind, lambda things: things.read(ident))
        if facts is None:
            return sdk.ReadResponse("", {}, {})
        inputs = inputs_told(kind, request.inputs, request.properties, facts)
        return sdk.ReadResponse(ident, state_of(kind, inputs, facts), inputs)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        kind = _known_kind(request.type)
        if request.preview:
            # No field that the cloud has a say in can be updated, so these stay as they are.
            told = [to_camel(field.name) for field in fields(kind.facts)]
            kept = {name: request.olds[name] for name in told if name in request.olds}
            return sdk.UpdateResponse({**marked(kind, request.news), **kept})
        spec, ident = spec_of(kind, request.news), request.resource_id
        facts = await self._at_cloud(kind, lambda things: things.update(ident, spec))
        return sdk.UpdateResponse(state_of(kind, request.news, facts))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        kind, ident = _known_kind(request.type), request.resource_id
        await self._at_cloud(kind, lambda things: things.delete(ident))

    async def _require_size(self, inputs: Properties) -> None:
        """Raise NoSizeFits before the old server is deleted or stopped, not after."""
        if any(has_unknown(value) for value in inputs.values()):
            return  # to be asked again when all is known
        spec: ServerSpec = spec_of(SERVER, inputs)
        try:
            await asyncio.to_thread(lambda: self._open().sizes(WantedSize.of(spec)))
        except Failure as failure:
            raise ProviderFailure(failure) from failure

    async def _at_cloud(
        self, kind: ResourceKind[Any, Any], call: Callable[[Resource[Any, Any]], T]
    ) -> T:
        """`call` in a thread of its own; a Failure's facts all go into its text."""

        def work() -> T:
            return call(resource(self._open(), kind))

        try:
            return await asyncio.to_thread(work)
        except Failure as failure:
            raise ProviderFailure(failure) from failure

    def _open(self) -> Cloud:
        settings = self._require_settings()
        with self._lock:
            if self._cloud is None:
                self._cloud = self._open_cloud(settings.cloud, settings.region, settings.inventory)
            return self._cloud

    def _owner(self, urn: str) -> Owner:
        settings = self._require_settings()
        return Owner.of(urn, app=settings.app, site=settings.site, epoch=settings.epoch)

    def _require_settings(self) -> Settings:
        if self._settings is None:
            raise BadInput(
                "The provider was used before it was configured",
                safe="Nothing was touched.",
                do=f"Set {', '.join(f'{PACKAGE}:{name}' for name in _REQUIRED)} in the stack.",
            )
        return self._settings


def _known_kind(pulumi_type: str) -> ResourceKind[Any, Any]:
    kind = kind_of(pulumi_type)
    if kind is None:
        raise BadInput(
            f"There is no resource type {pulumi_type}",
            safe="Nothing was touched.",
            do="Correct the program.",
        )
    return kind


def _difference(name: str, request: sdk.DiffRequest, *, replace: bool) -> sdk.PropertyDiff:
    kinds = sdk.PropertyDiffKind
    if name not in request.old_state:
        kind = kinds.ADD_REPLACE if replace else kinds.ADD
    elif name not in request.new_inputs:
        kind = kinds.DELETE_REPLACE if replace else kinds.DELETE
    else:
        kind = kinds.UPDATE_REPLACE if replace else kinds.UPDATE
    return sdk.PropertyDiff(kind, input_diff=True)


def _setting(request: sdk.ConfigureRequest, name: str) -> str:
    """Empty where the stack's configuration says nothing of it."""
    told = request.variables.get(f"{PACKAGE}:config:{name}", "")
    return _text(request.args.get(name)) or told


def _text(value: Any) -> str:
    """Configuration as text; the real engine hands numbers over as numbers or as text."""
    return "" if value is None or has_unknown(value) else str(plain(value) or "")
