"""The machines of an inventory, each reached as its declared login and held to its declared key."""

import asyncio
import stat
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from pydantic import SecretStr

from liferaft import texts
from liferaft.clouds.classification import REPEATABLE, CloudFailure
from liferaft.clouds.control_plane import NOTHING_CHANGED, ControlPlane, Patience
from liferaft.clouds.credentials import need
from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.ssh import proof, scripts
from liferaft.clouds.ssh.errors import (
    BUSY,
    CHANGED,
    ERRORS,
    INSTALLING,
    NO_LOGIN,
    OTHER_FIREWALL,
    OTHER_SYSTEM,
    SSHD_DIFFERS,
    Said,
    classify,
    is_busy,
    is_gone,
)
from liferaft.clouds.ssh.record import Record
from liferaft.failures import BadInput
from liferaft.remote import CommandFailed, Host, connect

T = TypeVar("T")

KEY_FILE: Final = "LIFERAFT_SSH_KEY_FILE"
CONNECT_SECONDS: Final = 5.0
"""A machine that runs answers at once; the control plane's patience asks again."""
QUICK: Final = 30.0
_AT_ONCE: Final = 16


@dataclass(frozen=True)
class Machines:
    """All machines of one site. Blocking: every call has an event loop and a thread of its own."""

    region: str
    inventory: Inventory
    credentials: Mapping[str, str] = field(repr=False)
    patience: Patience = field(default_factory=Patience)

    @cached_property
    def plane(self) -> ControlPlane:
        return ControlPlane("ssh", ERRORS, classify, is_gone, is_busy, self.patience)

    def read(self, machine: InventoryMachine) -> Record:
        """Raises CloudFailure."""
        return self.plane.ask(
            f"asking machine {machine.name} who holds it", lambda: self.look_at(machine)
        )

    def read_all(self) -> Mapping[str, Record | CloudFailure]:
        """Every machine's record, or why it did not tell, by name, in the inventory's order."""

        def one(machine: InventoryMachine) -> Record | CloudFailure:
            try:
                return self.read(machine)
            except CloudFailure as failure:
                return failure

        machines = self.inventory.machines
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            answers = threads.map(one, machines)
            return {machine.name: answer for machine, answer in zip(machines, answers, strict=True)}

    def look_at(self, machine: InventoryMachine) -> Record:
        """The record, asked for once. Raises one of ERRORS."""

        async def read_record(host: Host) -> Record:
            done = await host.run(scripts.READ, deadline=QUICK)
            return Record.parse(machine.name, done.stdout)

        return self._at(machine, read_record)

    def replace(
        self,
        machine: InventoryMachine,
        now: Record,
        then: Record,
        *,
        act: str = "",
        stdin: bytes = b"",
        deadline: float = QUICK,
    ) -> None:
        """`act` is done and the record is `then`, if it still is `now`. Tried once: raises Said
        (CHANGED, BUSY) or another of ERRORS; repeating is for who can look what became of it."""
        script = scripts.replace_script(now.seen, then.text(), act)

        async def run_script(host: Host) -> None:
            try:
                await host.run(script, stdin=stdin, deadline=deadline)
            except CommandFailed as error:
                raise _said(machine, error) from error

        self._at(machine, run_script)

    def ask(self, doing: str, call: Callable[[], T], *, changes: bool = False) -> T:
        """`call()` with the site's patience. Raises CloudFailure."""
        return self.plane.ask(doing, call, safe=REPEATABLE if changes else NOTHING_CHANGED)

    @cached_property
    def client_key(self) -> SecretStr:
        """The key that lets us in. Raises BadInput for a file that others can read, too."""
        path = Path(need(self.credentials, "ssh", KEY_FILE))
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise BadInput(
                    f"The SSH key {path} can be read by others than its owner",
                    safe="Nothing was touched.",
                    do=f"chmod 600 {path}, and ask yourself who has read it.",
                )
            return SecretStr(texts.read_text(path))
        except (OSError, ValueError, texts.Unreadable) as error:
            raise BadInput(
                f"The SSH key {path} cannot be read: {error}",
                safe="Nothing was touched.",
                do=f"Correct {KEY_FILE}: a private key in OpenSSH's format, without a passphrase.",
            ) from None

    def _at(self, machine: InventoryMachine, work: Callable[[Host], Awaitable[T]]) -> T:
        async def connect_and_work() -> T:
            host = await connect(
                machine.address,
                client_key=self.client_key,
                host_keys=[machine.host_key],
                deadline=CONNECT_SECONDS,
                user=self.inventory.login,
                port=machine.port,
                booting=False,
            )
            try:
                return await work(host)
            finally:
                await host.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, connect_and_work()).result()


_WORDS: Final = {
    scripts.OTHER_RECORD: (CHANGED, "somebody else has just changed who holds {machine}"),
    scripts.NO_LOCK: (BUSY, "another run is at work on {machine}"),
    scripts.NO_HOST_KEY: (
        "no_host_key",
        "{machine} proved the declared host key, but has no file of it",
    ),
    scripts.NO_TOOLS: (
        "no_tools",
        "{machine} has no sudo or no nftables, and its package sources did not give them",
    ),
    scripts.INSTALLING: (
        INSTALLING,
        "{machine} needs sudo and nftables, and another program went on installing packages there",
    ),
    proof.NO_LOGIN: (
        NO_LOGIN,
        "the user liferaft, whose key was put on {machine}, does not get in there by SSH",
    ),
    proof.SSHD_DIFFERS: (
        SSHD_DIFFERS,
        "the SSH server of {machine} does not go by what was put into /etc/ssh/sshd_config.d",
    ),
    scripts.OTHER_SYSTEM: (
        OTHER_SYSTEM,
        "{machine} runs another system than the application's servers do",
    ),
    proof.OTHER_FIREWALL: (
        OTHER_FIREWALL,
        "{machine} has another firewall, which knows nothing of what has to be open",
    ),
    scripts.USER_DATA_FAILED: (
        "user_data_failed",
        f"the user data failed on {{machine}}; see {scripts.FOLDER}/user-data.log there",
    ),
}


def _said(machine: InventoryMachine, error: CommandFailed) -> Exception:
    """What a script's own exit codes mean; any other failure as it is."""
    if error.exit_code not in _WORDS:
        return error
    code, words = _WORDS[error.exit_code]
    return Said(code, words.format(machine=machine.name), **error.facts.details)
