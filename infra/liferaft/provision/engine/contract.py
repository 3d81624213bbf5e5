"""What a caller asks of an engine, and what it is told; no engine is known here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from liferaft.failures import Facts

Severity = Literal["info", "warning", "error"]
Moment = Literal["started", "finished", "failed", "diagnostic"]


@dataclass(frozen=True)
class StateLocation:
    """Where checkpoints rest, as the Pulumi CLI spells it, and the store's options.

    `file:///dir` has none. `s3://bucket/prefix`: access_key_id, secret_access_key, region,
    virtual_hosted_style_request (`true` or `false`). `gs://bucket/prefix`: service_account_file, a
    path. `azblob://container/prefix`: account_name, account_key. All three: endpoint, and
    `ca_file`, the path of a PEM file to trust in addition.
    """

    url: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Request:
    """One operation on one stack. Holds secrets: they are left out of its repr."""

    program: Path
    """The folder that holds Pulumi.yaml and __main__.py."""
    project: str
    stack: str
    state: StateLocation
    passphrase: str = field(repr=False)
    config: Mapping[str, str] = field(default_factory=dict)
    """Full keys (`chirp:size`) to text; objects as JSON text."""
    secret_config: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What program and provider find in their environment, besides PATH, HOME and LANG."""
    providers: Mapping[str, str] = field(default_factory=dict)
    """Packages served inside the engine's process: name to `module:factory`. A factory takes no
    arguments and returns a `pulumi.provider.experimental.provider.Provider`, whose create must
    find what it made before for the same URN. Other packages are plugins: executables
    `pulumi-resource-NAME` on PATH."""
    parallel: int = 16
    """How many resources are worked on at once."""
    refresh: bool = False
    """`preview` and `up` ask the providers first what became of every row."""
    clear_pending_creates: bool = False
    """`refresh` forgets creations that a killed run left pending."""


@dataclass(frozen=True)
class Diagnostic:
    severity: Severity
    message: str
    urn: str = ""
    facts: Facts | None = None
    """What our own provider or engine knows of an error besides its words; of others', None."""


@dataclass(frozen=True)
class OperationEvent:
    """One moment of a running operation, told while it happens."""

    moment: Moment
    op: str = ""
    """create, update, delete, same, replace, create-replacement, delete-replaced, read, refresh,
    import, import-replacement."""
    urn: str = ""
    message: str = ""
    severity: Severity = "info"


@dataclass(frozen=True)
class Outcome:
    """How an operation ended. Rows that were finished are in the state, whatever `ok` says."""

    ok: bool
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The stack's outputs as plain values, secret ones included; unknown ones are left out."""
    secret_outputs: frozenset[str] = frozenset()
    changes: Mapping[str, int] = field(default_factory=dict)
    """op to count, as the Pulumi CLI counts: the Stack counts, default providers do not."""
    steps: tuple[tuple[str, str], ...] = ()
    """(op, urn) in the order they ended, without default providers."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(d.message for d in self.failures)

    @property
    def failures(self) -> tuple[Diagnostic, ...]:
        """What went wrong, the first first."""
        return tuple(d for d in self.diagnostics if d.severity == "error")


@dataclass(frozen=True)
class LockHolder:
    """Who holds a stack's lock, by the lock's own words."""

    lock: str
    """The path of the lock's object in the state."""
    who: str
    """`user@host (pid N)`."""
    since: str
    alive: bool | None
    """Whether that process still runs; None when it cannot be told from here."""


OnEvent = Callable[[OperationEvent], None]


class Engine(Protocol):
    """Works on stacks.

    Every method raises a `Failure` (see `faults`) when nothing was touched, or when the engine
    itself broke; what a program or a provider did wrong is in the outcome. An `up` or `destroy`
    that was killed at any moment can be run again.
    """

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        """Say what `up` would do; touches neither cloud nor state."""
        ...

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        """Make the world as the program says; durable in the state on return."""
        ...

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        """Delete whatever the state holds, dependents first; the program is not run.

        What is protected stays, with all that it needs, and the outcome is not ok.
        """
        ...

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        """Ask the providers what became of every row, and write what they say into the state.

        The program is not run, nothing in a cloud changes. A row whose object is gone goes. With
        `preview` the state stays as it is, too.
        """
        ...

    async def export(self, request: Request) -> dict[str, Any]:
        """The deployment as `pulumi stack export` shows it, secrets sealed; {} if none."""
        ...

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        """Put a deployment that `export` gave in the place of the state; durable on return.

        Raises `Locked`, `StateUnreadable` for what is no deployment, `WrongPassphrase` when the
        request's passphrase does not open it; then the state is as it was.
        """
        ...

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        """Take the stack's lock away from whoever holds it, and say who that was; () if nobody.

        Only ever on an operator's request: a holder that still works would go on writing. What
        it had under way stays noted as pending.
        """
        ...
