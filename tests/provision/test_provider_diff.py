"""What the provider takes for a difference, and what for the same."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2 as wire
from tests.provision.served import (
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


async def _diff(
    provider: Provider, urn: str, olds: Any, news: Any, *, asked: Any = None
) -> wire.DiffResponse:
    """`olds` is the state, `asked` the old inputs, which an old engine does not send."""
    request = wire.DiffRequest(urn=urn, id="1", olds=packed(olds), news=packed(news))
    if asked is not None:
        request.old_inputs.CopyFrom(packed(asked))
    answer: wire.DiffResponse = await provider.servicer.Diff(request, None)
    return answer


async def test_the_same_inputs_are_no_difference(provider: Provider) -> None:
    explicit = {**INPUTS, "architecture": "x86_64"}
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, explicit)
    assert answer.changes == wire.DiffResponse.DIFF_NONE


async def test_what_the_cloud_made_of_a_wish_is_no_difference(provider: Provider) -> None:
    elsewhere = {**INPUTS, **FACTS, "privateAddress": "10.20.9.11"}
    answer = await _diff(provider, SERVER, elsewhere, INPUTS, asked=INPUTS)
    assert answer.changes == wire.DiffResponse.DIFF_NONE
    unasked = {name: value for name, value in INPUTS.items() if name != "privateAddress"}
    answer = await _diff(provider, SERVER, elsewhere, unasked, asked=unasked)
    assert answer.changes == wire.DiffResponse.DIFF_NONE


async def test_another_wish_is_a_difference(provider: Provider) -> None:
    news = {**INPUTS, "privateAddress": "10.20.2.12"}
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, news, asked=INPUTS)
    assert list(answer.replaces) == ["privateAddress"]


async def test_other_user_data_replaces_no_living_server(provider: Provider) -> None:
    news = {**INPUTS, "userData": {**SECRET, "value": "#!/bin/sh\n: other\n"}}
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, news)
    assert answer.changes == wire.DiffResponse.DIFF_NONE


async def test_a_larger_server_is_the_same_one_resized(provider: Provider) -> None:
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, {**INPUTS, "cpus": 4})
    assert list(answer.diffs) == ["cpus"]
    assert list(answer.replaces) == []


async def test_a_larger_disk_is_a_new_server_after_the_old_is_gone(provider: Provider) -> None:
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, {**INPUTS, "disk": 40})
    assert list(answer.replaces) == ["disk"]
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["disk"].kind == wire.PropertyDiff.ADD_REPLACE


async def test_a_size_that_nothing_fits_is_refused_before_the_old_server_is_deleted(
    provider: Provider,
) -> None:
    with pytest.raises(Exception, match="offers no type"):
        await _diff(provider, SERVER, {**INPUTS, **FACTS}, {**INPUTS, "cpus": 65})


async def test_a_reference_to_something_replaced_replaces_too(provider: Provider) -> None:
    news = {**INPUTS, "networkId": UNKNOWN}
    answer = await _diff(provider, SERVER, {**INPUTS, **FACTS}, news)
    assert list(answer.replaces) == ["networkId"]


async def test_new_rules_are_an_update_in_place(provider: Provider) -> None:
    rule = {"protocol": "tcp", "sources": ["0.0.0.0/0"], "ports": "22"}
    olds = {"name": "app", "networkId": "vpc-1", "rules": [rule]}
    news = {**olds, "rules": [{**rule, "ports": "443"}]}
    answer = await _diff(provider, FIREWALL, olds, news)
    assert list(answer.diffs) == ["rules"]
    assert list(answer.replaces) == []
    request = wire.UpdateRequest(urn=FIREWALL, id="sg-1", olds=packed(olds), news=packed(news))
    assert plain((await provider.servicer.Update(request, None)).properties) == news
    assert provider.firewalls.there["sg-1"].rules[0].ports == "443"


async def test_what_is_gone_reads_as_gone(provider: Provider) -> None:
    request = wire.ReadRequest(urn=SERVER, id="i-9", properties=packed(INPUTS))
    assert (await provider.servicer.Read(request, None)).id == ""


async def _read(provider: Provider, inputs: Any, state: Any) -> wire.ReadResponse:
    provider.servers.there["i-1"] = None
    request = wire.ReadRequest(
        urn=SERVER, id="i-1", inputs=packed(inputs), properties=packed(state)
    )
    answer: wire.ReadResponse = await provider.servicer.Read(request, None)
    return answer


async def test_an_unchanged_world_reads_as_it_was(provider: Provider) -> None:
    answer = await _read(provider, INPUTS, {**INPUTS, **FACTS})
    assert plain(answer.inputs) == INPUTS
    assert plain(answer.properties) == {**INPUTS, **FACTS}


async def test_a_wish_that_the_cloud_had_not_met_reads_as_it_was(provider: Provider) -> None:
    asked = {**INPUTS, "privateAddress": "10.20.2.99"}
    answer = await _read(provider, asked, {**asked, **FACTS})
    assert plain(answer.inputs) == asked
    assert plain(answer.properties) == {**asked, **FACTS}


async def test_what_was_changed_at_the_cloud_shows_after_a_look(provider: Provider) -> None:
    before = {**FACTS, "privateAddress": "10.20.2.99"}
    asked = {**INPUTS, "privateAddress": "10.20.2.99"}
    answer = await _read(provider, asked, {**asked, **before})
    seen = plain(answer.inputs)
    assert seen == INPUTS
    shown = await _diff(provider, SERVER, plain(answer.properties), asked, asked=seen)
    assert list(shown.diffs) == ["privateAddress"]


async def test_an_import_tells_what_the_cloud_can_and_replaces_nothing_for_the_rest(
    provider: Provider,
) -> None:
    answer = await _read(provider, {}, {})
    assert plain(answer.inputs) == {"privateAddress": "10.20.2.11"}
    assert plain(answer.properties) == FACTS
    same = await _diff(provider, SERVER, FACTS, INPUTS, asked=plain(answer.inputs))
    assert same.changes == wire.DiffResponse.DIFF_NONE
    elsewhere = {**INPUTS, "privateAddress": "10.20.2.12"}
    other = await _diff(provider, SERVER, FACTS, elsewhere, asked=plain(answer.inputs))
    assert list(other.replaces) == ["privateAddress"]
