"""Values on the wire, and at rest."""

import json
from pathlib import Path

import pytest
from google.protobuf import struct_pb2
from tests.provision.engine.world import PRELUDE, World, program

from liferaft.failures import BadInput
from liferaft.provision.engine.faults import StateUnreadable, Unsupported, WrongPassphrase
from liferaft.provision.engine.passphrase import Passphrase
from liferaft.provision.engine.sealing import from_rest, holds_secret, to_rest
from liferaft.provision.engine.values import SIGNATURE, UNKNOWN, Secret, marked_like, plain
from liferaft.provision.engine.wire import from_struct, to_struct

VALUES = {
    "null": None,
    "flag": True,
    "number": 4.0,
    "text": "x",
    "list": [1.0, Secret({"k": [None, UNKNOWN]})],
    "map": {"deep": Secret("y")},
    "later": UNKNOWN,
}
# A checkpoint's own secret, sealed by Pulumi CLI 3.260 with the passphrase `golden`.
CLI_SALT = "v1:BloEAGNVVn8=:v1:/ahyZ5NtHaPZuwuo:ARax3D+hGkQBD18WMYqjYSmApAttUw=="
CLI_SEALED = "v1:JQNmAJufvXNB3Dig:AHjE2L+V/8A8mSHaJ/yvrCsGEKmY7NQtggwzSw=="


def test_values_survive_the_wire() -> None:
    assert from_struct(to_struct(VALUES)) == VALUES


def test_whoever_takes_no_secrets_gets_them_bare() -> None:
    found = from_struct(to_struct(VALUES, secrets=False))
    assert found == {**VALUES, "list": [1.0, {"k": [None, UNKNOWN]}], "map": {"deep": "y"}}


@pytest.mark.parametrize("signature", ["c44067f5952c0a294b673a41bacd8c17"])
def test_an_asset_is_refused_by_name(signature: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"code": {SIGNATURE: signature, "text": "x"}})
    with pytest.raises(Unsupported, match="assets"):
        from_struct(struct)


def test_what_comes_back_bare_is_secret_where_the_input_was() -> None:
    found = marked_like({"token": "t", "size": 1, "addr": "a"}, {"token": Secret("t"), "size": 1})
    assert found == {"token": Secret("t"), "size": 1, "addr": "a"}


def test_plain_values_are_jsons_own() -> None:
    assert json.dumps(plain(VALUES["map"])) == '{"deep": "y"}'
    assert json.dumps(plain([4.0, 1.5, True, Secret(2.0)])) == "[4, 1.5, true, 2]"


async def test_a_secret_rests_sealed_and_comes_back() -> None:
    passphrase = Passphrase("golden")
    await passphrase.unlock()
    known = {key: value for key, value in VALUES.items() if key not in {"later", "list"}}
    rested = to_rest(known, passphrase)
    assert holds_secret(rested)
    assert '"y"' not in json.dumps(rested)
    assert from_rest(rested, passphrase) == known
    again = to_rest(from_rest(rested, passphrase), passphrase)
    assert again == rested, "an unchanged secret keeps its sealed form"


async def test_what_the_cli_sealed_is_opened_and_another_phrase_is_told() -> None:
    passphrase = Passphrase("golden", CLI_SALT)
    await passphrase.unlock()
    assert passphrase.open(CLI_SEALED) == "s3cr3t-token"
    with pytest.raises(StateUnreadable):
        passphrase.open(CLI_SEALED[:-4] + "AAA=")
    with pytest.raises(WrongPassphrase):
        await Passphrase("other", CLI_SALT).unlock()


def test_no_passphrase_and_an_unknown_salt_are_refused() -> None:
    with pytest.raises(WrongPassphrase):
        Passphrase("")
    with pytest.raises(StateUnreadable):
        Passphrase("golden", "v2:x")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_no_state_can_hold_is_refused(number: float) -> None:
    with pytest.raises(BadInput, match="which no state can hold"):
        from_struct(to_struct({"list": [{"deep": number}]}))


@pytest.mark.golden
@pytest.mark.parametrize(
    "line",
    [
        "pulumi.export('share', float('nan'))",
        "Server('web', image='x', tags={'share': float('nan')})",
    ],
)
async def test_a_state_is_still_readable_after_a_program_that_computes_no_number(
    line: str, tmp_path: Path
) -> None:
    world = World(tmp_path, program(tmp_path, f"{PRELUDE}{line}\n"))
    said = ""
    try:
        outcome = await world.run("up")
        said = str(outcome.diagnostics)
        assert not outcome.ok
    except BadInput as failure:
        said = failure.facts.happened
    assert "nan, which no state can hold" in said
    assert "NaN" not in "".join(map(str, world.objects))
    assert (await world.run("destroy")).ok
