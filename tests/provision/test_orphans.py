"""What killed runs leave behind, found by its labels."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from liferaft.clouds.contract import Owned
from liferaft.provision.orphans import ORDER, Orphan, delete_orphans, orphans


class Things:
    """One kind of thing at a cloud, as far as it is listed and deleted."""

    def __init__(self, kind: str, ids: Sequence[str], gone: list[str]) -> None:
        self.kind, self.ids, self.gone = kind, list(ids), gone

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        assert (app, site) == ("chirp", "aws-east")
        return [Owned(one, f"chirp-{one}", {}) for one in self.ids]

    def delete(self, ident: str) -> None:
        self.ids.remove(ident)
        self.gone.append(f"{self.kind} {ident}")


def test_what_the_state_does_not_know_is_found_and_deleted_dependents_first() -> None:
    gone: list[str] = []
    kinds = {"network": ["net-1"], "server": ["i-1", "i-2"], "address": ["ip-1"]}
    cloud: Any = SimpleNamespace(kinds={k: Things(k, ids, gone) for k, ids in kinds.items()})
    found = orphans(cloud, app="chirp", site="aws-east", known={"i-1", "ip-1"})
    assert found == (
        Orphan("server", "i-2", "chirp-i-2"),
        Orphan("network", "net-1", "chirp-net-1"),
    )
    delete_orphans(cloud, found)
    assert gone == ["server i-2", "network net-1"]


def test_every_kind_has_a_place_in_the_order() -> None:
    from liferaft.clouds.kinds import KINDS

    assert set(ORDER) == set(KINDS)
