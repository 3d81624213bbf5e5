"""Names of resources."""

from liferaft.provision.engine import urn

STACK = "urn:pulumi:dev::golden::pulumi:pulumi:Stack::golden-dev"


def test_the_stack_is_no_part_of_its_childrens_types() -> None:
    found = urn.urn_of("dev", "golden", "a:b:C", "x", STACK)
    assert found == "urn:pulumi:dev::golden::a:b:C::x"


def test_a_childs_type_names_its_parents() -> None:
    rack = urn.urn_of("dev", "golden", "s:i:Rack", "r", STACK)
    assert urn.urn_of("dev", "golden", "a:b:C", "x", rack) == (
        "urn:pulumi:dev::golden::s:i:Rack$a:b:C::x"
    )


def test_a_name_may_hold_the_separator() -> None:
    found = urn.urn_of("dev", "golden", "a:b:C", "x::y$z")
    assert urn.name_of(found) == "x::y$z"
    assert urn.type_of(found) == "a:b:C"


def test_only_the_engines_own_providers_are_default_providers() -> None:
    made = [urn.urn_of("d", "g", "pulumi:providers:p", n) for n in ("default", "default_1_0_0")]
    assert all(map(urn.is_default_provider, made))
    assert not urn.is_default_provider(urn.urn_of("d", "g", "pulumi:providers:p", "east"))
    assert not urn.is_default_provider(urn.urn_of("d", "g", "a:b:C", "default"))
    assert urn.package_of("pulumi:providers:aws") == urn.package_of("aws:ec2:Vpc") == "aws"
