"""The table of exit codes."""

import pytest

from liferaft import failures
from liferaft.config import ConfigInvalid
from liferaft.failures import (
    Altered,
    BadInput,
    DeadlinePassed,
    Failure,
    Held,
    Refused,
    Unproven,
    VendorFailure,
)
from liferaft.journal import JournalLost
from liferaft.vault import VaultUnavailable
from liferaft_cli import exits

KINDS = {
    BadInput: 3,
    Refused: 4,
    Held: 5,
    VendorFailure: 6,
    DeadlinePassed: 7,
    Unproven: 9,
    Altered: 12,
    Failure: 1,
}


@pytest.mark.parametrize(("kind", "code"), KINDS.items())
def test_each_kind_of_failure_has_its_code(kind: type[Failure], code: int) -> None:
    assert exits.code_of(kind("it happened")) == code
    assert exits.MEANINGS[code]


def test_no_kind_was_forgotten() -> None:
    declared = {
        kind
        for kind in vars(failures).values()
        if isinstance(kind, type) and issubclass(kind, Failure)
    }
    assert declared == set(KINDS)
    assert len(set(KINDS.values())) == len(KINDS)


def test_a_rooms_own_failure_has_the_code_of_its_kind() -> None:
    assert issubclass(ConfigInvalid, BadInput)
    assert exits.code_of(VaultUnavailable("main", "reading", "no answer")) == exits.VENDOR
    assert exits.code_of(JournalLost("no vault")) == exits.FAILED
