"""A host of a drill is shut, and is looked at whether it is. Every act can be repeated."""

from typing import Final

from liferaft.hosts.isolation.allowed import Allowed
from liferaft.hosts.isolation.ruleset import TABLE, ruleset
from liferaft.hosts.isolation.units import (
    AGAIN_FOLDER,
    FOLDER,
    GATE_UNIT,
    RULES,
    RULES_UNIT,
    files,
)
from liferaft.remote.acts import QUICK, HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, differing, folders, put_changed

_GATE_SECONDS: Final = 60.0
"""For the gate's program to end what it does, and to be there again."""
_SSH: Final = 22
# The kernel's own words for the rules differ between its versions and nft's: so the wanted rules
# are loaded into an empty network namespace, and told from there in the same words.
_IS_SHUT: Final = f"""
told=$(nft --stateless --terse list table inet {TABLE} 2>/dev/null) || exit 1
wanted=$(unshare --net bash -euc 'nft --file - && nft --stateless --terse list table inet {TABLE}')
[ "$told" = "$wanted" ] || exit 1
systemctl --quiet is-enabled {RULES_UNIT}
systemctl --quiet is-enabled {GATE_UNIT}
systemctl --quiet is-active {GATE_UNIT}
"""
# Older than the rules, a name's address would be known without having been asked for.
_FORGET: Final = "if systemctl --quiet is-active systemd-resolved; then resolvectl flush-caches; fi"


class NotIsolated(HostActFailed):
    """A drill's host could not be shut."""


async def isolate(host: Host, allowed: Allowed) -> None:
    """From now on, and from before its network is up at every boot, the host and its containers
    call nobody else. Connections that come in go on. Packages have to be there (`PACKAGES`).

    The kernel takes all rules at once; until it has, `is_isolated` says no. Killed anywhere, the
    same call goes on. Raises NotIsolated.
    """
    if await is_isolated(host, allowed):
        return
    wanted = files(allowed, await _ssh_ports(host))
    await folders(host, "/etc/liferaft", FOLDER, PROGRAMS, AGAIN_FOLDER)
    await put_changed(host, wanted)
    await _act(host, ["nft", "--check", "--file", RULES], "Reading the rules of a drill")
    await _act(host, ["systemctl", "daemon-reload"], "Reading the units of a drill")
    await _act(
        *(host, ["systemctl", "--quiet", "enable", RULES_UNIT, GATE_UNIT]),
        "Having the rules of a drill back at every boot",
    )
    if await succeeds(host, ["systemctl", "--quiet", "is-active", GATE_UNIT]):
        # What was counted goes with the old rules: the gate notes it as it ends.
        await _act(host, ["systemctl", "stop", GATE_UNIT], "Ending the gate of a drill")
    await _act(host, ["nft", "--file", RULES], "Shutting a server of a drill")
    await _act(host, ["systemctl", "start", RULES_UNIT], "Keeping a server of a drill shut")
    await _act(host, ["systemctl", "restart", GATE_UNIT], "Starting the gate of a drill")
    await _act(host, ["bash", "-c", _FORGET], "Forgetting names that were known before")


async def is_isolated(host: Host, allowed: Allowed) -> bool:
    """Whether the kernel has exactly these rules, the gate answers, and a boot brings both back."""
    ports = await _ssh_ports(host)
    if await differing(host, files(allowed, ports)):
        return False
    rules = ruleset(allowed, ports).encode()
    asked = ["bash", "-euc", _IS_SHUT]
    completed = await host.run(asked, stdin=rules, deadline=QUICK, check=False)
    return completed.exit_code == 0


async def _ssh_ports(host: Host) -> list[int]:
    """Where its SSH server listens, by its own word."""
    told = await host.run(["sshd", "-T"], deadline=QUICK, check=False)
    lines = [line.split() for line in told.text.splitlines()]
    return [int(words[1]) for words in lines if words[:1] == ["port"]] or [_SSH]


async def _act(host: Host, argv: list[str], doing: str) -> None:
    await act(
        host,
        argv,
        doing=f"{doing} on {host.address}",
        deadline=_GATE_SECONDS,
        failure=NotIsolated,
        safe="Nothing of the drill's application was started by this.",
    )
