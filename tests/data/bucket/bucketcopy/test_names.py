"""The names of a whole bucket are known, and take little memory."""

import tracemalloc

from liferaft.data.bucket.bucketcopy.names import Names
from liferaft.data.bucket.bucketcopy.sealing import Seal

SEAL = Seal("the-password", "the-salt")


def held(*names: str) -> Names:
    made = Names()
    for name in names:
        made.add(name)
    return made


def test_a_name_is_told_from_other_versions_and_from_the_same_partly_kept() -> None:
    name, other = SEAL.name("a", "1"), SEAL.name("a", "2")
    partly = SEAL.name("b", "1", partly=True)
    names = held(name, partly)
    assert set(names) == {name, partly}
    assert (name in names, other in names, SEAL.name("b", "1") in names) == (True, False, False)
    assert len(names) == 2


def test_versions_of_one_object_are_told_until_one_takes_the_place_of_all() -> None:
    one, two, single = SEAL.name("a", "1"), SEAL.name("a", "2"), SEAL.name("b", "1")
    names = held(one, two, single)
    assert names.several() == [[one, two]]
    names.replace(two)
    assert names.several() == []
    assert set(names) == {two, single}
    names.drop(SEAL.digest("b"))
    assert set(names) == {two}


def test_what_somebody_else_laid_into_the_folder_is_passed_over() -> None:
    name = SEAL.name("a", "1")
    foreign = ("", "notes.txt", name.upper(), f"{name}~~", name[:-2], f"{name}00", "é" * 49)
    assert list(held(name, *foreign)) == [name]


def test_a_name_takes_a_quarter_of_a_kilobyte_at_most() -> None:
    identities = [SEAL.name(f"{number}", "x") for number in range(20_000)]
    tracemalloc.start()
    try:
        names = held(*(f"{name}" for name in identities))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(names) == 20_000
    assert taken / 20_000 < 250
