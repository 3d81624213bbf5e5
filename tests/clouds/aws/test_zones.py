from ipaddress import IPv4Network

from liferaft.clouds.aws.zones import further_blocks


def blocks(whole: str, home: str) -> list[str]:
    return [str(block) for block in further_blocks(IPv4Network(whole), IPv4Network(home))]


def test_further_zones_get_the_blocks_behind_the_homes_then_those_before_it() -> None:
    assert blocks("10.20.0.0/22", "10.20.1.0/24") == [
        "10.20.2.0/24",
        "10.20.3.0/24",
        "10.20.0.0/24",
    ]


def test_no_block_is_given_twice_nor_the_homes_own() -> None:
    given = blocks("10.20.0.0/16", "10.20.255.0/24")
    assert len(set(given)) == len(given) == 255
    assert "10.20.255.0/24" not in given


def test_a_network_that_its_home_fills_has_no_further_zone() -> None:
    assert blocks("10.20.0.0/24", "10.20.0.0/24") == []
