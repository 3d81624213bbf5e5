"""Property values as they rest in a checkpoint: JSON, in which every secret is sealed."""

import json
from typing import Any

from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.values import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Secret,
    Value,
    whole,
)


def to_rest(value: Value, passphrase: Passphrase) -> Any:
    """JSON of a value; needs an unlocked passphrase when a secret is met that is not sealed."""
    match value:
        case Secret():
            if value.sealed is None:
                value.sealed = passphrase.seal(compact(to_rest(value.value, passphrase)))
            return {SIGNATURE: SECRET, "ciphertext": value.sealed}
        case list():
            return [to_rest(item, passphrase) for item in value]
        case dict():
            return {key: to_rest(value[key], passphrase) for key in sorted(value)}
    return UNKNOWN_TEXT if value is UNKNOWN else whole(value)


def from_rest(value: Any, passphrase: Passphrase) -> Value:
    """A value from JSON; needs an unlocked passphrase when `holds_secret`."""
    match value:
        case dict() if value.get(SIGNATURE) == SECRET:
            sealed = value.get("ciphertext")
            text = passphrase.open(sealed) if sealed is not None else value["plaintext"]
            return Secret(from_rest(json.loads(text), passphrase), sealed)
        case dict():
            return {key: from_rest(item, passphrase) for key, item in value.items()}
        case list():
            return [from_rest(item, passphrase) for item in value]
    return value


def holds_secret(value: Any) -> bool:
    """Whether JSON at rest holds a sealed value."""
    match value:
        case dict():
            return value.get(SIGNATURE) == SECRET or any(map(holds_secret, value.values()))
        case list():
            return any(map(holds_secret, value))
    return False


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
