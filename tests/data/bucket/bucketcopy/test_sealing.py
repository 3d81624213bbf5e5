"""What the vault holds of an object says nothing, and cannot be changed unseen."""

import os

import pytest
from tests.data.hostile import hostile

from liferaft.data.bucket.bucketcopy.sealing import PIECE, Seal, SealBroken, digest_of, sealed_size

SEAL = Seal("the-password", "the-salt")
HEADER = b'{"key":"a"}'


def sealed(body: bytes, step: int = 70_001) -> bytes:
    pieces = (body[start : start + step] for start in range(0, len(body), step))
    return b"".join(SEAL.sealed(HEADER, pieces))


@pytest.mark.parametrize("size", [0, 1, PIECE - 16, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_any_size_comes_back_and_is_known_before(size: int) -> None:
    body = os.urandom(size)
    whole = sealed(body)
    assert len(whole) == sealed_size(HEADER, size)
    header, *rest = SEAL.opened(whole[at : at + 99_999] for at in range(0, len(whole), 99_999))
    assert (header, b"".join(rest)) == (HEADER, body)


def test_every_flipped_byte_is_found() -> None:
    whole = sealed(b"content of an object")
    for at in range(len(whole)):
        broken = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(SealBroken):
            list(SEAL.opened([broken]))


@pytest.mark.parametrize("end", [0, 10, 25, PIECE, PIECE + 36, 2 * PIECE])
def test_what_is_cut_short_is_found(end: int) -> None:
    with pytest.raises(SealBroken):
        list(SEAL.opened([sealed(bytes(2 * PIECE))[:end]]))


def test_another_application_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        list(Seal("the-password", "another-salt").opened([sealed(b"x")]))


def test_names_say_nothing_and_are_short_and_no_two_keys_share_one() -> None:
    keys = [one.key for one in hostile(2000, 5)]
    names = {SEAL.name(key, "identity") for key in keys}
    assert len(names) == len(keys)
    assert max(map(len, names)) <= 50
    assert {SEAL.digest(key) for key in keys} == {digest_of(name) for name in names}
    assert not {name for name in names if "photo" in name}


def test_two_objects_of_the_same_content_have_nothing_in_common_in_their_names() -> None:
    one, two = (SEAL.name(key, "the same etag, size and second") for key in ("one", "two"))
    assert one.partition(".")[2] != two.partition(".")[2]
