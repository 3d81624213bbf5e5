"""For how long a vault that answers may hold up a command."""

import time

import pytest
from tests.models.several import NAMES, Several
from tests.models.vault import VaultModel

from liferaft.vault import CheckedVault, EveryVault, layout


class Slow(VaultModel):
    """Answers everything, and takes its time for each write."""

    def put(self, key: str, body: bytes) -> None:
        time.sleep(0.15)
        super().put(key, body)


@pytest.mark.parametrize("slow", NAMES[:2])
def test_a_vault_that_answers_slowly_holds_up_a_command_for_so_long_and_no_longer(
    several: Several, slow: str, caplog: pytest.LogCaptureFixture
) -> None:
    raw = {n: Slow(name=n) if n == slow else one for n, one in several.raw.items()}
    several.raw = dict(raw)
    vault = EveryVault([CheckedVault(one) for one in raw.values()], grace=0.2, slow=0.1)
    for number in range(4):
        vault.put(f"pins/east/{number}.json", b"pin")
    if slow == vault.roll.leading:
        assert vault.roll.silent == {}, "what is claimed is claimed there"
        return
    assert list(vault.roll.silent) == [slow]
    assert "has held up this command" in caplog.text
    assert several.alone("first").list("away") == (layout.away(slow),), "it is known to lack"
    assert several.alone(slow).list("pins") == tuple(f"pins/east/{n}.json" for n in range(2))
