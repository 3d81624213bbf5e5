import pytest

from liferaft.failures import BadInput
from liferaft_sandbox.state import state_of


def test_state_is_kept_below_the_state_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/somewhere")
    assert str(state_of("one").folder) == "/var/somewhere/liferaft/sandbox/one"


@pytest.mark.parametrize("name", ["", "../other", "a/b", "UPPER", "-x", "x" * 40])
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        state_of(name)
