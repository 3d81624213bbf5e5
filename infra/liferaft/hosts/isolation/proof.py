"""Proof that a drill's host is shut: who must not be called is called, and who may be, too."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from liferaft.failures import Unproven
from liferaft.hosts.isolation.allowed import Allowed, Callee
from liferaft.hosts.isolation.gatekeeping import trying
from liferaft.hosts.isolation.isolating import is_isolated
from liferaft.hosts.isolation.units import PROGRAM, TOLD
from liferaft.remote.acts import act
from liferaft.remote.contract import Host

USUAL_PORT: Final = 443
"""Where somebody is called who is named without a port."""
_SECONDS: Final = 300.0


async def prove_isolated(host: Host, allowed: Allowed, forbidden: Sequence[Callee]) -> None:
    """Raises Unproven, naming who answered that must not, who could be called past the gate, and
    who does not answer that should. The forbidden are called by root and from where containers are;
    of the allowed those that have a port, by root."""
    if not await is_isolated(host, allowed):
        raise _unproven(host, "it has not the rules of the drill, or its gate does not run")
    kept_out = await _trials(host, forbidden, inside=True)
    wrong = [_words(one) for one in kept_out if one["outcome"] in (trying.ANSWERED, trying.SILENT)]
    callees = [one for one in allowed.names if one.port and not one.name.startswith("*.")]
    let_out = await _trials(host, callees, inside=False)
    answered = {(one["name"], one["port"]) for one in let_out if one["outcome"] == trying.ANSWERED}
    wrong += [
        f"{callee} may be called, and does not answer"
        for callee in callees
        if (callee.name, callee.port) not in answered
    ]
    if wrong:
        raise _unproven(host, "; ".join(dict.fromkeys(wrong)))


async def _trials(host: Host, callees: Iterable[Callee], *, inside: bool) -> list[dict[str, Any]]:
    called = [(one.name, one.port or USUAL_PORT) for one in callees]
    if not called:
        return []
    await host.run(["systemctl", "stop", trying.UNIT], deadline=_SECONDS, check=False)
    in_unit = ["systemd-run", "--wait", "--pipe", "--collect", "--quiet", f"--unit={trying.UNIT}"]
    said = await act(
        host,
        [*in_unit, "--", "python3", "-I", PROGRAM, "try", TOLD],
        doing=f"Trying whom {host.address} can call",
        deadline=_SECONDS,
        stdin=json.dumps({"callees": called, "inside": inside}).encode(),
    )
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _words(one: dict[str, Any]) -> str:
    at = f"{one['name']}:{one['port']}"
    if one["address"] != one["name"]:
        at += f" ({one['address']})"
    place = "the host" if one["place"] == "host" else "containers"
    if one["outcome"] == trying.ANSWERED:
        return f"{at} answers {place}"
    return f"{at} does not answer, and yet the gate did not turn away {place}"


def _unproven(host: Host, why: str) -> Unproven:
    return Unproven(
        f"{host.address} is not shut as a drill's server has to be: {why}",
        safe="The primary was called at most to see whether it answers: nothing was asked of it.",
        do="Run the same command again. If it says the same, see `nft list table inet "
        "liferaft_drill` on the server.",
        details={"host": host.address},
    )
