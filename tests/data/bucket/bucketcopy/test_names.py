"""Names of versions, as bytes and back."""

import pytest

from liferaft.data.bucket.bucketcopy.names import is_ours, packed, twin, unpacked
from liferaft.data.bucket.bucketcopy.sealing import GONE, Seal

SEAL = Seal("the-password", "the-salt")


@pytest.mark.parametrize("partly", [False, True])
def test_a_name_comes_back_as_it_was(partly: bool) -> None:
    name = SEAL.name("a", "1", partly=partly)
    assert unpacked(*packed(name)) == name


def test_what_is_kept_partly_is_the_twin_of_what_is_kept_whole() -> None:
    whole, partly = (packed(SEAL.name("a", "1", partly=of)) for of in (False, True))
    assert (whole[0], twin(whole[1])) == partly
    assert (partly[0], twin(partly[1])) == whole


def test_a_mark_and_what_others_put_there_are_no_versions() -> None:
    name = SEAL.name("a", "1")
    assert is_ours(name)
    for other in (SEAL.mark(name, GONE, 1_795_960_800), "index.html", f"{name}.txt", name.upper()):
        assert not is_ours(other)
