"""The provider as the engine meets it: wire messages through the SDK's own servicer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as wire

from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import FirewallFacts, ServerFacts
from liferaft.clouds.sizes import NoSizeFits, Wanted
from liferaft.failures import BadInput, Failure, VendorFailure
from liferaft.provision.provider import LiferaftProvider, ProviderFailure
from liferaft.provision.servicer import Servicer

SECRET = {rpc._special_sig_key: rpc._special_secret_sig}
UNKNOWN = rpc.UNKNOWN
CONFIG = {
    "cloud": "aws",
    "region": "us-east-1",
    "app": "chirp",
    "site": "aws-east",
    "epoch": "1",
}
SERVER = "urn:pulumi:aws-east::chirp::liferaft:index:Site$liferaft:index:Server::app-1"
FIREWALL = "urn:pulumi:aws-east::chirp::liferaft:index:Site$liferaft:index:Firewall::app"
INPUTS = {
    "name": "app-1",
    "cpus": 2,
    "memory": 4096,
    "networkId": "vpc-1",
    "firewallId": "sg-1",
    "sshKeyId": "key",
    "privateAddress": "10.20.2.11",
    "userData": {**SECRET, "value": "#!/bin/sh\n"},
}
FACTS = {
    "privateAddress": "10.20.2.11",
    "publicAddress": "192.0.2.7",
    "chosenType": "c6a.large",
    "zone": "us-east-1a",
}


@dataclass
class Things:
    """A kind of one imaginary cloud, in memory."""

    facts: Any
    there: dict[str, Any] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)
    trouble: Failure | None = None

    def create(self, spec: Any, owner: Owner) -> Any:
        if self.trouble:
            raise self.trouble
        self.owners.append(owner)
        self.there[self.facts.id] = spec
        return self.facts

    def read(self, ident: str) -> Any | None:
        return self.facts if ident in self.there else None

    def update(self, ident: str, spec: Any) -> Any:
        self.there[ident] = spec
        return self.facts

    def delete(self, ident: str) -> None:
        self.there.pop(ident, None)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return [Owned(ident, f"{app}-{site}", {}) for ident in self.there]


class Provider:
    """Speaks to a provider in wire messages."""

    def __init__(self) -> None:
        self.servers = Things(
            ServerFacts("i-1", "10.20.2.11", "192.0.2.7", "c6a.large", "us-east-1a")
        )
        self.firewalls = Things(FirewallFacts("sg-1"))
        self.opened: list[tuple[str, str]] = []
        self.servicer = Servicer([], "0.1.0", LiferaftProvider(self._open), "")

    def _open(self, name: str, region: str, _: Inventory) -> Any:
        self.opened.append((name, region))
        kinds = {"server": self.servers, "firewall": self.firewalls}
        return SimpleNamespace(name=name, region=region, kinds=kinds, sizes=_size)

    async def configured(self) -> "Provider":
        await self.servicer.Configure(wire.ConfigureRequest(args=_packed(CONFIG)), None)
        return self


def _size(wanted: Wanted) -> None:
    if wanted.cpus > 64:
        raise NoSizeFits("aws us-east-1 offers no type", safe="Nothing was created.")


def _packed(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def _plain(struct: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(struct))


@pytest.fixture
async def provider() -> Provider:
    return await Provider().configured()


async def test_good_inputs_pass_and_user_data_becomes_secret(provider: Provider) -> None:
    open_text = {**INPUTS, "userData": "#!/bin/sh\n"}
    answer = await provider.servicer.Check(
        wire.CheckRequest(urn=SERVER, news=_packed(open_text)), None
    )
    assert list(answer.failures) == []
    assert _plain(answer.inputs) == INPUTS


async def test_each_bad_property_is_named_with_its_reason(provider: Provider) -> None:
    wrong = {**INPUTS, "cpus": 1.5, "privateAddress": "10.20.2.900", "colour": "red"}
    del wrong["memory"]
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=_packed(wrong)), None)
    reasons = {failure.property: failure.reason for failure in answer.failures}
    assert set(reasons) == {"cpus", "privateAddress", "colour", "memory"}
    assert reasons["memory"] == "Field required"


async def test_a_reason_never_quotes_a_secret(provider: Provider) -> None:
    wrong = {**INPUTS, "userData": {**SECRET, "value": "s3cret " * 4000}}
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=_packed(wrong)), None)
    (failure,) = answer.failures
    assert failure.property == "userData"
    assert "s3cret" not in failure.reason


async def test_values_not_known_yet_are_not_held_against_a_preview(provider: Provider) -> None:
    news = _packed({**INPUTS, "networkId": UNKNOWN, "addressId": UNKNOWN})
    answer = await provider.servicer.Check(wire.CheckRequest(urn=SERVER, news=news), None)
    assert list(answer.failures) == []


async def test_a_rule_inside_a_list_is_checked(provider: Provider) -> None:
    rules = [{"protocol": "tcp", "sources": ["0.0.0.0/0"], "ports": "22"}, {"protocol": "ip"}]
    news = _packed({"name": "app", "networkId": "vpc-1", "rules": rules})
    answer = await provider.servicer.Check(wire.CheckRequest(urn=FIREWALL, news=news), None)
    assert {failure.property for failure in answer.failures} == {"rules"}
    assert any("[1][protocol]" in failure.reason for failure in answer.failures)


async def test_a_preview_creates_nothing_and_knows_what_it_cannot_know(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=_packed(INPUTS), preview=True)
    answer = await provider.servicer.Create(request, None)
    state = _plain(answer.properties)
    assert answer.id == ""
    assert state["publicAddress"] == UNKNOWN
    assert state["privateAddress"] == "10.20.2.11"
    assert provider.opened == []


async def test_create_echoes_inputs_with_their_secrets_and_adds_facts(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=_packed(INPUTS))
    answer = await provider.servicer.Create(request, None)
    assert answer.id == "i-1"
    assert _plain(answer.properties) == {**INPUTS, **FACTS}
    assert provider.servers.there["i-1"].user_data == "#!/bin/sh\n"
    assert provider.opened == [("aws", "us-east-1")]


async def test_the_owner_token_depends_on_the_urn_alone(provider: Provider) -> None:
    request = wire.CreateRequest(urn=SERVER, properties=_packed(INPUTS))
    await provider.servicer.Create(request, None)
    again = await Provider().configured()
    await again.servicer.Create(request, None)
    assert provider.servers.owners == again.servers.owners
    assert provider.servers.owners[0].app == "chirp"
    assert provider.servers.owners != [Owner.of(FIREWALL, app="chirp", site="aws-east", epoch=1)]


async def _diff(
    provider: Provider, urn: str, olds: Any, news: Any, *, asked: Any = None
) -> wire.DiffResponse:
    """`olds` is the state, `asked` the old inputs, which an old engine does not send."""
    request = wire.DiffRequest(urn=urn, id="1", olds=_packed(olds), news=_packed(news))
    if asked is not None:
        request.old_inputs.CopyFrom(_packed(asked))
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
    request = wire.UpdateRequest(urn=FIREWALL, id="sg-1", olds=_packed(olds), news=_packed(news))
    assert _plain((await provider.servicer.Update(request, None)).properties) == news
    assert provider.firewalls.there["sg-1"].rules[0].ports == "443"


async def test_what_is_gone_reads_as_gone(provider: Provider) -> None:
    request = wire.ReadRequest(urn=SERVER, id="i-9", properties=_packed(INPUTS))
    assert (await provider.servicer.Read(request, None)).id == ""


async def _read(provider: Provider, inputs: Any, state: Any) -> wire.ReadResponse:
    provider.servers.there["i-1"] = None
    request = wire.ReadRequest(
        urn=SERVER, id="i-1", inputs=_packed(inputs), properties=_packed(state)
    )
    answer: wire.ReadResponse = await provider.servicer.Read(request, None)
    return answer


async def test_an_unchanged_world_reads_as_it_was(provider: Provider) -> None:
    answer = await _read(provider, INPUTS, {**INPUTS, **FACTS})
    assert _plain(answer.inputs) == INPUTS
    assert _plain(answer.properties) == {**INPUTS, **FACTS}


async def test_a_wish_that_the_cloud_had_not_met_reads_as_it_was(provider: Provider) -> None:
    asked = {**INPUTS, "privateAddress": "10.20.2.99"}
    answer = await _read(provider, asked, {**asked, **FACTS})
    assert _plain(answer.inputs) == asked
    assert _plain(answer.properties) == {**asked, **FACTS}


async def test_what_was_changed_at_the_cloud_shows_after_a_look(provider: Provider) -> None:
    before = {**FACTS, "privateAddress": "10.20.2.99"}
    asked = {**INPUTS, "privateAddress": "10.20.2.99"}
    answer = await _read(provider, asked, {**asked, **before})
    seen = _plain(answer.inputs)
    assert seen == INPUTS
    shown = await _diff(provider, SERVER, _plain(answer.properties), asked, asked=seen)
    assert list(shown.diffs) == ["privateAddress"]


async def test_an_import_tells_what_the_cloud_can_and_replaces_nothing_for_the_rest(
    provider: Provider,
) -> None:
    answer = await _read(provider, {}, {})
    assert _plain(answer.inputs) == {"privateAddress": "10.20.2.11"}
    assert _plain(answer.properties) == FACTS
    same = await _diff(provider, SERVER, FACTS, INPUTS, asked=_plain(answer.inputs))
    assert same.changes == wire.DiffResponse.DIFF_NONE
    elsewhere = {**INPUTS, "privateAddress": "10.20.2.12"}
    other = await _diff(provider, SERVER, FACTS, elsewhere, asked=_plain(answer.inputs))
    assert list(other.replaces) == ["privateAddress"]


async def test_deleting_deletes(provider: Provider) -> None:
    await provider.servicer.Create(wire.CreateRequest(urn=SERVER, properties=_packed(INPUTS)), None)
    await provider.servicer.Delete(wire.DeleteRequest(urn=SERVER, id="i-1"), None)
    assert provider.servers.there == {}


async def test_a_clouds_failure_arrives_with_all_its_facts_in_the_text(provider: Provider) -> None:
    trouble = VendorFailure("No more quota.", safe="Nothing was made.", do="Raise it.")
    provider.servers.trouble = trouble
    request = wire.CreateRequest(urn=SERVER, properties=_packed(INPUTS))
    with pytest.raises(Exception, match=r"No more quota\. Nothing was made\. Raise it\.") as failed:
        await provider.servicer.Create(request, None)
    original = failed.value.__context__
    assert isinstance(original, ProviderFailure)
    assert original.__cause__ is trouble


@pytest.mark.parametrize("missing", sorted(CONFIG))
async def test_a_missing_setting_is_named(missing: str) -> None:
    rest = {name: value for name, value in CONFIG.items() if name != missing}
    servicer = Provider().servicer
    answer = await servicer.CheckConfig(wire.CheckRequest(urn="", news=_packed(rest)), None)
    assert [failure.property for failure in answer.failures] == [missing]
    with pytest.raises(Exception, match=missing) as failed:
        await servicer.Configure(wire.ConfigureRequest(args=_packed(rest)), None)
    assert isinstance(failed.value.__context__, BadInput)


async def test_another_region_means_everything_is_elsewhere(provider: Provider) -> None:
    news = {**CONFIG, "region": "eu-west-1", "epoch": "2"}
    request = wire.DiffRequest(olds=_packed(CONFIG), news=_packed(news))
    answer = await provider.servicer.DiffConfig(request, None)
    assert list(answer.replaces) == ["region"]
    assert list(answer.diffs) == ["region", "epoch"]
    assert answer.changes == wire.DiffResponse.DIFF_SOME


async def test_a_new_epoch_replaces_nothing(provider: Provider) -> None:
    request = wire.DiffRequest(olds=_packed(CONFIG), news=_packed({**CONFIG, "epoch": 2}))
    answer = await provider.servicer.DiffConfig(request, None)
    assert list(answer.replaces) == []
