"""Group commit: changes that are ready together share one write."""

import asyncio
from collections.abc import Callable

from liferaft.failures import Failure
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.storage import Storage


class Writer:
    """Writes the checkpoint whenever somebody needs a change of it to be durable."""

    def __init__(
        self, storage: Storage, path: str, text: Callable[[], str], passphrase: Passphrase
    ) -> None:
        self._storage = storage
        self._path = path
        self._text = text
        self._passphrase = passphrase
        self._turn = asyncio.Lock()
        self._asked = 0
        self._covered = 0
        self._failed: tuple[int, Failure] | None = None
        self.writes = 0

    async def flush(self) -> None:
        """Returns when a write that holds every change made before this call is durable.

        Raises `StateUnreachable` when the store gives no answer to the write that they share,
        `WrongPassphrase` before the first write to a state of another passphrase.
        """
        self._asked += 1
        mine = self._asked
        await self._passphrase.unlock()
        async with self._turn:
            if self._covered >= mine:
                return
            if self._failed is not None and self._failed[0] >= mine:
                raise self._failed[1]
            await asyncio.sleep(0)  # whoever is ready at this moment joins this write
            covered = self._asked
            try:
                await self._storage.write(self._path, self._text().encode())
            except Failure as failure:
                self._failed = (covered, failure)
                raise
            self._covered = covered
            self.writes += 1
