"""Property values at rest."""

import json

from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.sealing import from_rest, holds_secret, to_rest
from liferaft.provision.engine.state.values import Secret

VALUES = {
    "null": None,
    "flag": True,
    "number": 4.0,
    "text": "x",
    "map": {"deep": Secret("y")},
}


async def test_a_secret_rests_sealed_and_comes_back() -> None:
    passphrase = Passphrase("golden")
    await passphrase.unlock()
    rested = to_rest(VALUES, passphrase)
    assert holds_secret(rested)
    assert '"y"' not in json.dumps(rested)
    assert from_rest(rested, passphrase) == VALUES
    again = to_rest(from_rest(rested, passphrase), passphrase)
    assert again == rested, "an unchanged secret keeps its sealed form"
