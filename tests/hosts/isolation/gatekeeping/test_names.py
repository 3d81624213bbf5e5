"""Which names a drill's host may ask for, and where they may be called."""

from liferaft.hosts.isolation.gatekeeping.names import Names, is_inside

NAMES = Names({"vault.example": [443], "*.vault.example": [8443], "*.any.example": None}, {})


def test_a_name_that_is_allowed_is_so_alone() -> None:
    assert NAMES.is_allowed("vault.example")
    for name in ("notvault.example", "example", "vault.example.evil.example", "any.example"):
        assert not NAMES.is_allowed(name), name


def test_a_star_stands_for_all_names_below() -> None:
    for name in ("bucket.vault.example", "a.b.vault.example", "x.any.example"):
        assert NAMES.is_allowed(name), name


def test_a_name_has_the_ports_of_all_that_allow_it() -> None:
    assert NAMES.ports("vault.example") == frozenset({443})
    assert NAMES.ports("bucket.vault.example") == frozenset({8443})
    assert NAMES.ports("x.any.example") is None


def test_containers_names_for_each_other_never_mean_anybody_outside() -> None:
    assert is_inside("db.dns.podman")
    assert not is_inside("dns.podman.example")
