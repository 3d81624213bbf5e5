"""The providers of one run: made by the engine, registered by the program, or of old rows."""

import asyncio
import re
import uuid
from dataclasses import replace
from typing import Final

from liferaft.provision.engine.contract import Request
from liferaft.provision.engine.embedded.diff import Decision, decide
from liferaft.provision.engine.embedded.goal import Goal
from liferaft.provision.engine.embedded.providers import Provider, UnknownProvider
from liferaft.provision.engine.embedded.steps import Steps
from liferaft.provision.engine.embedded.transport import InProcess, Plugin, Transport
from liferaft.provision.engine.faults import StateUnreadable
from liferaft.provision.engine.state.rows import Row, now
from liferaft.provision.engine.state.values import (
    UNKNOWN_TEXT,
    Properties,
    Secret,
    Value,
    has_unknown,
)
from liferaft.provision.engine.urn import (
    PROVIDER_TYPE_PREFIX,
    is_provider,
    package_of,
    split_reference,
    urn_of,
)

_INTERNAL: Final = "__internal"


class ProviderTable:
    """Providers by reference (`urn::id`), each started once and ended by `close`."""

    def __init__(self, steps: Steps, request: Request, builtin: Provider) -> None:
        """`builtin` serves the package `pulumi`."""
        self._steps = steps
        self._project = request.project
        self._stack = request.stack
        self._config: dict[str, Value] = {
            **request.config,
            **{key: Secret(value) for key, value in request.secret_config.items()},
        }
        self._in_process = request.providers
        self._builtin = builtin
        self._versions = _versions(steps.checkpoint.before)
        self._opened: list[Provider] = []
        self._running: dict[str, asyncio.Task[Provider]] = {}
        self._defaults: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def of(self, reference: str) -> Provider:
        """The provider of this reference; one that only old rows know is started from its row."""
        if reference not in self._running:
            self._running[reference] = asyncio.create_task(self._revive(reference))
        return await asyncio.shield(self._running[reference])

    async def default(self, package: str, version: str) -> str:
        """The reference of the package's default provider, made on first use."""
        key = (package, version or self._versions.get(package, ""))
        if key not in self._defaults:
            self._defaults[key] = asyncio.create_task(self._default(*key))
        return await asyncio.shield(self._defaults[key])

    async def register(self, goal: Goal, old: Row | None) -> Row:
        """A provider that the program made: no object in a cloud, but inputs like any other."""
        version = goal.version or self._versions.get(package_of(goal.type), "")
        wanted = goal.row({**goal.inputs, "version": version} if version else goal.inputs)
        row, provider, decision = await self._configure(wanted, old)
        steps = self._steps
        if decision is None:
            row = await steps.keep(row, None, "create")
        elif decision.op == "replace":
            assert old is not None
            row = await steps.keep(row, None, "create-replacement")
            steps.checkpoint.swap(old, replace(old, delete=True))
            steps.progress.finish("replace", row.urn)
        else:
            row = await steps.keep(row, old, decision.op)
        self._running[row.reference] = asyncio.create_task(_itself(provider))
        return row

    async def has_moved(self, old: Row, reference: str) -> bool:
        """Whether the row's provider became another one, so that its object must be replaced."""
        before, after = split_reference(old.provider), split_reference(reference)
        if before == after:
            return False
        if before[0] == after[0]:
            return True
        rows = {row.reference: row for row in self._steps.checkpoint.rows}
        if old.provider not in rows or reference not in rows:
            return True
        provider = await self.of(reference)
        found = await provider.diff_config(
            after[0], before[1], rows[old.provider], _outside(rows[reference].inputs)
        )
        return bool(found.replaces)

    async def close(self) -> None:
        await asyncio.gather(*(provider.close() for provider in self._opened))

    async def _default(self, package: str, version: str) -> str:
        kind = PROVIDER_TYPE_PREFIX + package
        name = f"default_{version.translate(_UNDERSCORES)}" if version else "default"
        urn = urn_of(self._stack, self._project, kind, name)
        prefix = f"{package}:"
        inputs = {
            k.removeprefix(prefix): v for k, v in self._config.items() if k.startswith(prefix)
        }
        if version:
            inputs["version"] = version
        old = next((row for row in self._steps.checkpoint.before if row.urn == urn), None)
        wanted = Row(urn=urn, custom=True, type=kind, inputs=inputs)
        row, provider, decision = await self._configure(wanted, old)
        if old is not None and decision is not None and decision.op == "replace":
            self._steps.checkpoint.finish(row, None)
            self._steps.checkpoint.swap(old, replace(old, delete=True))
        else:
            self._steps.checkpoint.finish(row, old)
        self._running[row.reference] = asyncio.create_task(_itself(provider))
        return row.reference

    async def _configure(
        self, wanted: Row, old: Row | None
    ) -> tuple[Row, Provider, Decision | None]:
        """The row and a provider that runs with it; no decision when there was none before."""
        urn = wanted.urn
        fresh = UNKNOWN_TEXT if self._steps.preview else str(uuid.uuid4())
        moment = now()
        if has_unknown(dict(wanted.inputs)):
            row = replace(wanted, id=old.id if old else fresh, outputs=wanted.inputs)
            return row, UnknownProvider(), Decision("update") if old else None
        provider = await self._start(package_of(wanted.type))
        inputs = await provider.check_config(
            urn, _outside(old.inputs) if old else {}, wanted.inputs
        )
        row = replace(wanted, inputs=inputs, outputs=inputs, created=moment, modified=moment)
        decision = None
        if old is None:
            row = replace(row, id=fresh)
        else:
            found = await provider.diff_config(urn, old.id, old, inputs)
            compared = replace(old, inputs=_outside(old.inputs))
            decision = decide(compared, inputs, found)
            if decision.op == "replace":
                row = replace(row, id=fresh)
            else:
                unchanged = decision.op == "same"
                modified = old.modified if unchanged else moment
                row = replace(row, id=old.id, created=old.created, modified=modified)
                if unchanged and inputs == compared.inputs:
                    row = replace(row, inputs=compared.inputs, outputs=old.outputs)
        if "version" in inputs:
            internal = old.inputs.get(_INTERNAL, {}) if old else {}
            row = replace(row, inputs={_INTERNAL: internal, **row.inputs})
        await provider.configure(urn, row.id, inputs)
        return row, provider, decision

    async def _revive(self, reference: str) -> Provider:
        rows = self._steps.checkpoint.rows
        row = next((row for row in rows if row.reference == reference), None)
        if row is None:
            raise StateUnreadable(f"The state holds no provider {reference}.")
        provider = await self._start(package_of(row.type))
        await provider.configure(row.urn, row.id, _outside(row.inputs))
        return provider

    async def _start(self, package: str) -> Provider:
        if package == "pulumi":
            return self._builtin
        in_process = package in self._in_process
        transport: Transport
        if in_process:
            transport = InProcess(self._in_process[package])
        else:
            transport = await Plugin.start(package)
        provider = Provider(transport, creates_once=in_process)
        self._opened.append(provider)
        await provider.shake_hands()
        return provider


_UNDERSCORES: Final = str.maketrans(".-+", "___")


def _versions(rows: list[Row]) -> dict[str, str]:
    """The newest version of each package that the state's providers name.

    The Pulumi CLI, too, learns the versions that a program leaves open from the state.
    """
    found: dict[str, str] = {}
    for row in rows:
        version = row.inputs.get("version")
        if is_provider(row.type) and isinstance(version, str):
            package = package_of(row.type)
            found[package] = max(found.get(package, ""), version, key=_numbers)
    return found


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _outside(inputs: Properties) -> dict[str, Value]:
    """Inputs without the engine's own key."""
    return {key: value for key, value in inputs.items() if key != _INTERNAL}


async def _itself(provider: Provider) -> Provider:
    return provider
