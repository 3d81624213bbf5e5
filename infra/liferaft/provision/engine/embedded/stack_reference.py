"""The provider of package `pulumi`, built into every engine: the outputs of other stacks."""

from liferaft.provision.engine.contract import Request
from liferaft.provision.engine.embedded.providers import FoundObject, NoTransport, Provider
from liferaft.provision.engine.embedded.transport import ProviderError
from liferaft.provision.engine.embedded.wire import from_struct, to_struct
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.checkpoint import read_latest, salt_of
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.sealing import from_rest, holds_secret
from liferaft.provision.engine.state.storage import Storage, checkpoint_path
from liferaft.provision.engine.state.values import Properties, Value, has_secret
from liferaft.provision.engine.urn import STACK_TYPE, type_of


class StackReferences(Provider):
    """Reads checkpoints that rest beside ours, and are sealed with the same passphrase."""

    def __init__(self, storage: Storage, request: Request) -> None:
        super().__init__(NoTransport())
        self._storage = storage
        self._request = request

    async def configure(self, urn: str, ident: str, inputs: Properties) -> None:
        """It has no configuration."""

    async def check(self, urn: str, old: Properties, new: Properties) -> dict[str, Value]:
        raise EngineLacks(f"resources of type {type_of(urn)}")

    async def read(
        self, urn: str, ident: str, inputs: Properties, outputs: Properties
    ) -> FoundObject | None:
        if type_of(urn) != "pulumi:pulumi:StackReference":
            raise EngineLacks(f"resources of type {type_of(urn)}")
        found = await self._outputs(ident)
        told = {
            "name": ident,
            "outputs": found,
            "secretOutputNames": sorted(key for key, value in found.items() if has_secret(value)),
        }
        return FoundObject(ident, {"name": ident}, told)

    async def _outputs(self, name: str) -> dict[str, Value]:
        """A stack is named by `STACK`, `organization/STACK` or `organization/PROJECT/STACK`, as for
        the CLI."""
        *before, stack = name.split("/")
        project = before[1] if len(before) > 1 else self._request.project
        text = None
        if before[:1] in ([], ["organization"]) and len(before) < 3:  # noqa: PLR2004 - see above
            text = await self._storage.read(checkpoint_path(project, stack))
        if text is None:
            raise ProviderError(f'unknown stack "{name}"')
        latest = read_latest(text)
        rows = [row for row in latest.get("resources", []) if row["type"] == STACK_TYPE]
        outputs = rows[0].get("outputs", {}) if rows else {}
        passphrase = Passphrase(self._request.passphrase, salt_of(latest))
        if holds_secret(outputs):
            await passphrase.unlock()
        opened = {key: from_rest(value, passphrase) for key, value in outputs.items()}
        return from_struct(to_struct(opened))  # secrets without the form that only fits there
