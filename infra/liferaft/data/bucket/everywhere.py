"""A bucket in every vault: each is kept by itself, and all of them are brought back together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.every_vault import InEveryVault, copies, vault_of
from liferaft.data.in_vaults import part_in
from liferaft.recovery.part import Part
from liferaft.remote.contract import Host


class BucketInVaults(InEveryVault[BucketData]):
    """A vault that was away for a while has less of what was kept since the part was taken, and one
    that was away when it was taken may have more by now: what any of them has comes back, of an
    object that several have the latest version. The copy on the host sees to it by itself."""

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        whole, own = self.together(part)
        return await whole.restore(host, own, marker=marker)

    async def verify(self, host: Host, part: Part) -> None:
        whole, own = self.together(part)
        await whole.verify(host, own)

    async def sample(self, host: Host, part: Part) -> Mapping[str, Any]:
        whole, own = self.together(part)
        return await whole.sample(host, own)

    def together(self, part: Part) -> tuple[BucketData, Part]:
        """One data set over all vaults, those of the part first; and the part as each of those has
        at least: any of them may be silent."""
        having = copies(self.sets, part)
        beside = [one for one in self.sets if one not in having]
        others = tuple(one.sealed for one in (*having[1:], *beside))
        owns = [part_in(part, vault_of(one)) for one in having]
        least = min(owns, key=lambda own: int(own.facts["count"]))
        return replace(having[0], others=others, whole=len(having)), least
