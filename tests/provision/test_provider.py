"""The provider as the engine meets it: wire messages through the SDK's own servicer."""

import pytest
from pulumi.runtime.proto import provider_pb2 as wire
from tests.provision.served import (
    CONFIG,
    FACTS,
    FIREWALL,
    INPUTS,
    SECRET,
    SERVER,
    UNKNOWN,
    Provider,
    packed,
    plain,
)

from liferaft.clouds.contract import Owner
from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.failures import BadInput, VendorFailure
from liferaft.provision.provider import ProviderFailure


async def test_good_inputs_pass_and_user_data_becomes_secret(provider: Provider) -> None:
    open_text = {**INPUTS, "userData": "#!/bin/sh\n"}
    answer = await provider.servicer.Check(
        wire.CheckRequest(urn=SERVER, news=packed(open_text)), None
    )
    assert list(answer.failures) == []
    assert plain(answer.inputs) == INPUTS


async def test_each_bad_property_is_named_with_its_reason(provider: Provider) -> None:
    wrong = {**INPUTS, "cpus": 1.5, "privateAddress": "10.20.2.900", "colour": "red"}
    del wrong["memory"]
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=packed(wrong)), None)
    reasons = {failure.property: failure.reason for failure in answer.failures}
    assert set(reasons) == {"cpus", "privateAddress", "colour", "memory"}
    assert reasons["memory"] == "Field required"


async def test_a_reason_never_quotes_a_secret(provider: Provider) -> None:
    wrong = {**INPUTS, "userData": {**SECRET, "value": "s3cret " * 4000}}
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=packed(wrong)), None)
    (failure,) = answer.failures
    assert failure.property == "userData"
    assert "s3cret" not in failure.reason


async def test_values_not_known_yet_are_not_held_against_a_preview(provider: Provider) -> None:
    news = packed({**INPUTS, "networkId": UNKNOWN, "addressId": UNKNOWN})
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=news), None)
    assert list(answer.failures) == []


async def test_a_rule_inside_a_list_is_checked(provider: Provider) -> None:
    rules = [{"protocol": "tcp", "sources": ["0.0.0.0/0"], "ports": "22"}, {"protocol": "ip"}]
    news = packed({"name": "app", "networkId": "vpc-1", "rules": rules})
    answer = await provider.servicer.Check(wire.CheckRequest(urn=FIREWALL, news=news), None)
    assert {failure.property for failure in answer.failures} == {"rules"}
    assert any("[1][protocol]" in failure.reason for failure in answer.failures)


async def test_a_preview_creates_nothing_and_knows_what_it_cannot_know(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=packed(INPUTS), preview=True)
    answer = await provider.servicer.Create(request, None)
    state = plain(answer.properties)
    assert answer.id == ""
    assert state["publicAddress"] == UNKNOWN
    assert state["privateAddress"] == "10.20.2.11"
    assert provider.opened == []


async def test_create_echoes_inputs_with_their_secrets_and_adds_facts(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=packed(INPUTS))
    answer = await provider.servicer.Create(request, None)
    assert answer.id == "i-1"
    assert plain(answer.properties) == {**INPUTS, **FACTS}
    assert provider.servers.there["i-1"].user_data == "#!/bin/sh\n"
    assert provider.opened == [("aws", "us-east-1")]


@pytest.mark.parametrize(
    ("stack", "program", "runs"),
    [
        ({}, {}, DEFAULT_SYSTEM),
        ({"system": "debian-12"}, {}, "debian-12"),
        ({"system": "debian-12"}, {"system": "debian-13"}, "debian-13"),
    ],
)
async def test_a_server_runs_what_the_stack_says_unless_its_program_says_another(
    stack: dict[str, str], program: dict[str, str], runs: str
) -> None:
    provider = Provider()
    asked = wire.ConfigureRequest(args=packed({**CONFIG, **stack}))
    await provider.servicer.Configure(asked, None)
    request = wire.CreateRequest(urn=SERVER, properties=packed({**INPUTS, **program}))
    answer = await provider.servicer.Create(request, None)
    assert provider.servers.there["i-1"].runs == runs
    assert plain(answer.properties) == {**INPUTS, **program, **FACTS}


async def test_a_stack_of_an_unknown_system_makes_nothing() -> None:
    asked = wire.ConfigureRequest(args=packed({**CONFIG, "system": "debian-14"}))
    with pytest.raises(Exception, match="Servers cannot run 'debian-14'"):
        await Provider().servicer.Configure(asked, None)


async def test_the_owner_token_depends_on_the_urn_alone(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=packed(INPUTS))
    await provider.servicer.Create(request, None)
    again = await Provider().configured()
    await again.servicer.Create(request, None)
    assert provider.servers.owners == again.servers.owners
    assert provider.servers.owners[0].app == "chirp"
    assert provider.servers.owners != [Owner.of(FIREWALL, app="chirp", site="aws-east", epoch=1)]


async def test_deleting_deletes(provider: Provider) -> None:
    await provider.servicer.Create(wire.CreateRequest(urn=SERVER, properties=packed(INPUTS)), None)
    await provider.servicer.Delete(wire.DeleteRequest(urn=SERVER, id="i-1"), None)
    assert provider.servers.there == {}


async def test_a_clouds_failure_arrives_with_all_its_facts_in_the_text(provider: Provider) -> None:
    trouble = VendorFailure("No more quota.", safe="Nothing was made.", do="Raise it.")
    provider.servers.trouble = trouble
    request = wire.CreateRequest(urn=SERVER, properties=packed(INPUTS))
    with pytest.raises(Exception, match=r"No more quota\. Nothing was made\. Raise it\.") as failed:
        await provider.servicer.Create(request, None)
    original = failed.value.__context__
    assert isinstance(original, ProviderFailure)
    assert original.__cause__ is trouble


@pytest.mark.parametrize("missing", sorted(CONFIG))
async def test_a_missing_setting_is_named(missing: str) -> None:
    rest = {name: value for name, value in CONFIG.items() if name != missing}
    servicer = Provider().servicer
    answer = await servicer.CheckConfig(wire.CheckRequest(urn="", news=packed(rest)), None)
    assert [failure.property for failure in answer.failures] == [missing]
    with pytest.raises(Exception, match=missing) as failed:
        await servicer.Configure(wire.ConfigureRequest(args=packed(rest)), None)
    assert isinstance(failed.value.__context__, BadInput)


async def test_another_region_means_everything_is_elsewhere(provider: Provider) -> None:
    news = {**CONFIG, "region": "eu-west-1", "epoch": "2"}
    request = wire.DiffRequest(olds=packed(CONFIG), news=packed(news))
    answer = await provider.servicer.DiffConfig(request, None)
    assert list(answer.replaces) == ["region"]
    assert list(answer.diffs) == ["region", "epoch"]
    assert answer.changes == wire.DiffResponse.DIFF_SOME


async def test_a_new_epoch_replaces_nothing(provider: Provider) -> None:
    request = wire.DiffRequest(olds=packed(CONFIG), news=packed({**CONFIG, "epoch": 2}))
    answer = await provider.servicer.DiffConfig(request, None)
    assert list(answer.replaces) == []
