"""One operation of the modelled engine: what a program wishes, and how it comes about."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from pydantic.alias_generators import to_camel
from tests.models.cloud import CloudModel

from liferaft.clouds.contract import Owner
from liferaft.clouds.kinds import (
    KINDS,
    AddressSpec,
    BucketSpec,
    FirewallSpec,
    NetworkSpec,
    ServerSpec,
    SshKeySpec,
)
from liferaft.failures import Failure
from liferaft.provision.description import IP_RANGE, SUBNET_RANGE, SiteDescription
from liferaft.provision.engine.contract import Diagnostic, OnEvent, OperationEvent, Outcome, Request

STACK = "pulumi:pulumi:Stack"
SITE = "liferaft:index:Site"
_TYPES = {kind: f"liferaft:index:{to_camel(kind)[0].upper()}{to_camel(kind)[1:]}" for kind in KINDS}


@dataclass
class State:
    """One stack's. Rows are replaced and never changed."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    passphrase: str = ""

    def copy(self) -> "State":
        return State(list(self.rows), list(self.pending), self.passphrase)


@dataclass(frozen=True)
class Wish:
    """A thing that the program asks for."""

    kind: str
    name: str
    spec: Any


@dataclass
class Run:
    """One operation."""

    request: Request
    state: State
    cloud: CloudModel
    on_event: OnEvent
    previews: bool = False
    steps: list[tuple[str, str]] = field(default_factory=list)

    def up(self) -> Outcome:
        description = SiteDescription.from_json(self.request.config[f"{self._project}:spec"])
        try:
            self._row(STACK, f"{self._project}-{self.request.stack}", "")
            provider = self._provider()
            self._row(SITE, "site", provider)
            ids: dict[str, Any] = {}
            for wish in self._wishes(description, ids):
                ids[f"{wish.kind} {wish.name}"] = self._reach(wish, provider)
            wanted = {self._urn(*place.split(" ", 1)) for place in ids}
            self._delete([row for row in self._things() if row["urn"] not in wanted])
        except Failure as failure:
            return self._outcome({}, failure)
        outputs = self._outputs(description, ids)
        if not self.previews:
            self.state.rows[0] = {**self.state.rows[0], "outputs": outputs}
            self.state.pending.clear()
        return self._outcome(outputs)

    def destroy(self) -> Outcome:
        try:
            self._delete(self._things())
        except Failure as failure:
            return self._outcome({}, failure)
        others = [row for row in self.state.rows if row["type"] in (STACK, SITE)]
        self.steps += [("delete", row["urn"]) for row in reversed(others)]
        self.state.rows.clear()
        self.state.pending.clear()
        return self._outcome({})

    def refresh(self) -> Outcome:
        for row in self._things():
            kind = _kind(row)
            there = self.cloud.kinds[kind].read(row["id"]) is not None
            self.steps.append(("refresh" if there else "delete", row["urn"]))
            if not there:
                self.state.rows.remove(row)
        if self.request.clear_pending_creates:
            self.state.pending.clear()
        return self._outcome({})

    @property
    def _project(self) -> str:
        return self.request.project

    def _urn(self, kind: str, name: str) -> str:
        stack = f"urn:pulumi:{self.request.stack}::{self._project}"
        if kind in (STACK, SITE):
            return f"{stack}::{kind}::{name}"
        return f"{stack}::{SITE}${_TYPES[kind]}::{name}"

    def _things(self) -> list[dict[str, Any]]:
        return [row for row in self.state.rows if row["type"] in _TYPES.values()]

    def _found(self, urn: str) -> dict[str, Any] | None:
        return next((row for row in self.state.rows if row["urn"] == urn), None)

    def _row(self, kind: str, name: str, provider: str) -> None:
        urn = self._urn(kind, name)
        self.steps.append(("same" if self._found(urn) else "create", urn))
        if not self._found(urn):
            self.state.rows.append({"urn": urn, "type": kind, "provider": provider, "outputs": {}})

    def _provider(self) -> str:
        """Where things are made; one of another place is another one."""
        config = self.request.config
        inputs = {name: config[f"liferaft:{name}"] for name in ("cloud", "region", "site")}
        urn = (
            f"urn:pulumi:{self.request.stack}::{self._project}::pulumi:providers:liferaft::default"
        )
        row = {"urn": urn, "type": "pulumi:providers:liferaft", "id": "1", "inputs": inputs}
        self._put(row)
        return f"{urn}::1"

    def _put(self, row: dict[str, Any]) -> None:
        """In the place of the one of its name, or as a new one."""
        before = self._found(row["urn"])
        if before is None:
            self.state.rows.append(row)
        else:
            self.state.rows[self.state.rows.index(before)] = row

    def _wishes(self, description: SiteDescription, ids: dict[str, Any]) -> Iterator[Wish]:
        def ident(place: str) -> Any:
            return ids[place].id

        texts = json.loads(self.request.secret_config[f"{self._project}:user_data"])
        yield Wish("network", "network", NetworkSpec("network", IP_RANGE, SUBNET_RANGE))
        yield Wish("ssh_key", "operators", SshKeySpec("operators", description.ssh_public_key))
        yield Wish("address", "entry", AddressSpec("entry"))
        for group in description.groups:
            rules = tuple(description.rules(group))
            spec = FirewallSpec(group.name, ident("network network"), rules)
            yield Wish("firewall", group.name, spec)
        for plan in description.servers():
            group = plan.group
            server = ServerSpec(
                plan.name,
                group.cpus,
                group.memory,
                texts[plan.name],
                network_id=ident("network network"),
                firewall_id=ident(f"firewall {group.name}"),
                ssh_key_id=ident("ssh_key operators"),
                private_address=plan.private_address,
                address_id=ident("address entry") if plan.faces_users else None,
                architecture=group.architecture,
                disk=group.disk,
                machine_types=group.machine_types,
                image_id=description.image_id,
            )
            yield Wish("server", plan.name, server)
        if description.bucket is not None:
            yield Wish("bucket", "bucket", BucketSpec(description.bucket))

    def _reach(self, wish: Wish, provider: str) -> Any:
        urn, inputs = self._urn(wish.kind, wish.name), _plain(wish)
        row = self._found(urn)
        changed = set() if row is None else {n for n in inputs if inputs[n] != row["inputs"][n]}
        kind = KINDS[wish.kind]
        changed -= kind.at_birth
        if row is not None and not changed:
            self.steps.append(("same", urn))
            return _facts(row)
        if row is not None and changed <= kind.updatable:
            facts = _facts(row)
            if not self.previews:
                facts = self.cloud.kinds[wish.kind].update(row["id"], wish.spec)
            self._put({**row, "inputs": inputs, "outputs": vars(facts)})
            self.steps.append(("update", urn))
            return facts
        if row is not None:
            self._delete([row], op="delete-replaced")
        made = self._made(wish, urn, provider)
        self.steps.append(("create" if row is None else "replace", urn))
        return made

    def _made(self, wish: Wish, urn: str, provider: str) -> Any:
        """Noted as begun before the cloud is asked, and as there once it has answered."""
        config, inputs = self.request.config, _plain(wish)
        if self.previews:
            names = (one.name for one in fields(KINDS[wish.kind].facts))
            return KINDS[wish.kind].facts(**{name: inputs.get(name, "") for name in names})
        row = {"urn": urn, "type": _TYPES[wish.kind], "inputs": inputs, "provider": provider}
        pending = {"type": "creating", "resource": row}
        self.state.pending = [one for one in self.state.pending if one["resource"]["urn"] != urn]
        self.state.pending.append(pending)
        app, site = config["liferaft:app"], config["liferaft:site"]
        owner = Owner.of(urn, app=app, site=site, epoch=int(config["liferaft:epoch"]))
        facts = self.cloud.kinds[wish.kind].create(wish.spec, owner)
        made = {"id": facts.id, "outputs": vars(facts), "created": datetime.now(UTC).isoformat()}
        self._put({**row, **made})
        self.state.pending.remove(pending)
        return facts

    def _delete(self, rows: list[dict[str, Any]], op: str = "delete") -> None:
        for row in reversed(rows):
            if not self.previews:
                self.cloud.kinds[_kind(row)].delete(row["id"])
            self.state.rows.remove(row)
            self.steps.append((op, row["urn"]))

    def _outputs(self, description: SiteDescription, ids: dict[str, Any]) -> dict[str, Any]:
        bucket = ids.get("bucket bucket")
        servers = [(plan, ids[f"server {plan.name}"]) for plan in description.servers()]
        return {
            "address": ids["address entry"].address,
            "servers": [
                {
                    "id": facts.id,
                    "name": plan.name,
                    "group": plan.group.name,
                    "public_address": facts.public_address,
                    "private_address": facts.private_address,
                }
                for plan, facts in servers
            ],
            "bucket": bucket
            and {"name": bucket.name, "endpoint": bucket.endpoint, "region": bucket.region},
        }

    def _outcome(self, outputs: Mapping[str, Any], failure: Failure | None = None) -> Outcome:
        for op, urn in self.steps:
            self.on_event(OperationEvent("finished", op, urn))
        errors = () if failure is None else (Diagnostic("error", str(failure), "", failure.facts),)
        counted = Counter(op for op, _ in self.steps if op != "delete-replaced")
        return Outcome(
            ok=failure is None,
            outputs=dict(outputs),
            changes=dict(counted),
            steps=tuple(self.steps),
            diagnostics=errors,
        )


def _kind(row: Mapping[str, Any]) -> str:
    return next(kind for kind, named in _TYPES.items() if named == row["type"])


def _plain(wish: Wish) -> dict[str, Any]:
    """A thing's inputs as a state shows them: what is secret is sealed."""
    secret = KINDS[wish.kind].secrets()
    told = {name: "sealed" if name in secret else value for name, value in vars(wish.spec).items()}
    return json.loads(json.dumps(told, default=vars))  # type: ignore[no-any-return]  # JSON


def _facts(row: Mapping[str, Any]) -> Any:
    return KINDS[_kind(row)].facts(**row["outputs"])
