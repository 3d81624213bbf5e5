"""A state as a whole, without a program: put another in its place, take its lock away."""

from collections.abc import Mapping
from typing import Any

from liferaft.provision.engine.contract import LockHolder, Request
from liferaft.provision.engine.faults import StateUnreadable
from liferaft.provision.engine.state.checkpoint import VERSION, Checkpoint, read_latest, salt_of
from liferaft.provision.engine.state.lock import Lock, holders
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.sealing import compact
from liferaft.provision.engine.state.storage import Storage, checkpoint_path


async def import_state(request: Request, deployment: Mapping[str, Any]) -> None:
    """See `contract.Engine.import_`. The deployment is read as an operation would read it."""
    if deployment.get("version") != VERSION or not isinstance(deployment.get("deployment"), dict):
        raise StateUnreadable(f"This is not a deployment of version {VERSION}.")
    name = f"organization/{request.project}/{request.stack}"
    latest = deployment["deployment"]
    text = compact({"version": VERSION, "checkpoint": {"stack": name, "latest": latest}}).encode()
    passphrase = Passphrase(request.passphrase, salt_of(read_latest(text)))
    await passphrase.unlock()
    await Checkpoint(name, passphrase).load(latest)
    storage = Storage(request.state)
    await storage.prepare()
    lock = Lock(storage, request.project, request.stack)
    await lock.acquire()
    try:
        await storage.write(checkpoint_path(request.project, request.stack), text)
    finally:
        await lock.release()


async def cancel(request: Request) -> tuple[LockHolder, ...]:
    """See `contract.Engine.cancel`."""
    storage = Storage(request.state)
    found = await holders(storage, request.project, request.stack)
    for holder in found:
        await storage.remove(holder.lock)
    return found
