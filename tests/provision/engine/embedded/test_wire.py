"""Values on the wire."""

from pathlib import Path

import pytest
from google.protobuf import struct_pb2
from tests.provision.engine.world import PRELUDE, World, program

from liferaft.failures import BadInput
from liferaft.provision.engine.embedded.wire import from_struct, to_struct
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.values import SIGNATURE, UNKNOWN, Secret

VALUES = {
    "null": None,
    "flag": True,
    "number": 4.0,
    "text": "x",
    "list": [1.0, Secret({"k": [None, UNKNOWN]})],
    "map": {"deep": Secret("y")},
    "later": UNKNOWN,
}


def test_values_survive_the_wire() -> None:
    assert from_struct(to_struct(VALUES)) == VALUES


def test_whoever_takes_no_secrets_gets_them_bare() -> None:
    found = from_struct(to_struct(VALUES, secrets=False))
    assert found == {**VALUES, "list": [1.0, {"k": [None, UNKNOWN]}], "map": {"deep": "y"}}


@pytest.mark.parametrize("signature", ["c44067f5952c0a294b673a41bacd8c17"])
def test_an_asset_is_refused_by_name(signature: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"code": {SIGNATURE: signature, "text": "x"}})
    with pytest.raises(EngineLacks, match="assets"):
        from_struct(struct)


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
