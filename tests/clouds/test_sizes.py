import pytest

from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize, fitting, may_keep, pinned

OFFERED = [
    Size("large", 2, 4096, "x86_64", 0.10, disk=40),
    Size("small", 2, 2048, "x86_64", 0.05, disk=40),
    Size("arm", 2, 4096, "arm64", 0.04, disk=40),
    Size("huge", 16, 65536, "x86_64", 0.90, disk=360),
    Size("tiny-disk", 2, 4096, "x86_64", 0.01, disk=10),
]


def wanted(cpus: int = 2, memory: int = 4096, disk: int = 20) -> WantedSize:
    return WantedSize(cpus, memory, disk, "x86_64")


def test_the_cheapest_that_fits_wins() -> None:
    assert fitting("aws", "r", wanted(), OFFERED)[0].name == "large"


def test_architecture_is_never_changed_to_save_money() -> None:
    assert fitting("aws", "r", wanted(), OFFERED)[0].architecture == "x86_64"


def test_the_disk_must_fit_where_it_comes_with_the_type() -> None:
    assert fitting("aws", "r", wanted(disk=100), OFFERED)[0].name == "huge"
    bought_apart = [Size("large", 2, 4096, "x86_64", 0.10)]
    assert fitting("aws", "r", wanted(disk=10_000), bought_apart)[0].name == "large"


def test_at_one_price_the_smaller_name_wins_whatever_the_order() -> None:
    twins = [Size("b", 2, 4096, "x86_64", 0.1), Size("a", 2, 4096, "x86_64", 0.1)]
    assert fitting("aws", "r", wanted(), twins) == fitting("aws", "r", wanted(), twins[::-1])


def test_when_nothing_fits_the_wish_and_the_way_out_are_named() -> None:
    with pytest.raises(NoSizeFits) as refused:
        fitting("hetzner", "fsn1", wanted(cpus=64), OFFERED)
    facts = refused.value.facts
    assert facts.happened == (
        "hetzner fsn1 offers no x86_64 type with 64 CPUs, 4096 MiB and 20 GiB"
    )
    assert "sites.<site>.sizes" in facts.do


def test_the_next_cheapest_follow_in_order() -> None:
    assert [size.name for size in fitting("aws", "r", wanted(), OFFERED)] == ["large", "huge"]


def test_pinned_types_keep_their_order_and_those_not_offered_are_left_out() -> None:
    asked = WantedSize(2, 4096, 20, "x86_64", ("huge", "no-such", "small"))
    assert [size.name for size in pinned("aws", "r", asked, OFFERED)] == ["huge", "small"]


def test_a_pinned_type_of_another_architecture_is_refused() -> None:
    with pytest.raises(NoSizeFits, match="arm is arm64, and the site is x86_64"):
        pinned("aws", "r", WantedSize(2, 4096, 20, "x86_64", ("arm",)), OFFERED)


def test_when_no_pinned_type_is_offered_all_of_them_are_named() -> None:
    with pytest.raises(NoSizeFits, match="type a1 or b1"):
        pinned("aws", "r", WantedSize(2, 4096, 20, "x86_64", ("a1", "b1")), OFFERED)


def test_a_server_keeps_a_size_that_serves_even_when_it_is_sold_out() -> None:
    large, small, _, huge, _ = OFFERED
    assert may_keep(large, wanted(), [huge])
    assert not may_keep(small, wanted(), [huge])


def test_a_server_that_costs_more_than_every_choice_is_too_large() -> None:
    large, _, _, huge, _ = OFFERED
    assert not may_keep(huge, wanted(), [large])


def test_a_pinned_size_is_kept_and_no_other() -> None:
    large, small, _, huge, _ = OFFERED
    asked = WantedSize(2, 4096, 20, "x86_64", machine_types=("small", "huge"))
    assert may_keep(huge, asked, [small])
    assert not may_keep(large, asked, [small])
