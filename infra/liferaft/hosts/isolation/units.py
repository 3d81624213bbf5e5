"""The files of a drill's host: rules, the gate's program, and the units that bring both back."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liferaft.hosts.isolation.allowed import Allowed
from liferaft.hosts.isolation.ruleset import BRIDGE_PORT, MARK, PORT, TABLE, ruleset
from liferaft.remote.files import PROGRAMS, HostFile
from liferaft.remote.program import packed

PACKAGES: Final = ("nftables", "python3", "iproute2")
"""To be installed before: afterwards no package source can be reached."""
FOLDER: Final = "/etc/liferaft/drill"
RULES: Final = f"{FOLDER}/rules.nft"
TOLD: Final = f"{FOLDER}/gate.json"
PROGRAM: Final = f"{PROGRAMS}/liferaft-gate"
RECORD: Final = "/var/lib/liferaft/drill/denied.json"
RULES_UNIT: Final = "liferaft-drill.service"
GATE_UNIT: Final = "liferaft-gate.service"
AGAIN_FOLDER: Final = "/etc/systemd/system/nftables.service.d"
_UNITS: Final = "/etc/systemd/system"
_SOURCES: Final = Path(__file__).parent / "gatekeeping"
_RULES_UNIT: Final = f"""\
[Unit]
Description=Whom this server of a drill may call (liferaft)
DefaultDependencies=no
RequiresMountsFor={FOLDER}
After=nftables.service
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
# Rather none than one that could call everybody.
FailureAction=poweroff

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES}

[Install]
WantedBy=sysinit.target
"""
_GATE_UNIT: Final = f"""\
[Unit]
Description=What this server of a drill asks for (liferaft)
Requires={RULES_UNIT}
After={RULES_UNIT} network.target
Before=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/bin/python3 -I {PROGRAM} keep {TOLD}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
"""
# Debian's unit empties the whole ruleset whenever it starts, reloads or stops. What the gate let
# through goes with it, so the gate begins anew.
_AGAIN: Final = "\n".join(
    [
        "[Service]",
        *(
            f"{moment}=-/usr/sbin/nft -f {RULES}\n"
            f"{moment}=-/usr/bin/systemctl --no-block try-restart {GATE_UNIT}"
            for moment in ("ExecStartPost", "ExecReload", "ExecStopPost")
        ),
        "",
    ]
)


def files(allowed: Allowed, ssh_ports: Sequence[int]) -> tuple[HostFile, ...]:
    """All of them, the same for the same rules. Names and addresses: nothing is secret."""
    return (
        HostFile(RULES, ruleset(allowed, ssh_ports).encode()),
        HostFile(TOLD, _told(allowed).encode()),
        HostFile(PROGRAM, packed(_SOURCES), mode=0o755),
        HostFile(f"{_UNITS}/{RULES_UNIT}", _RULES_UNIT.encode()),
        HostFile(f"{_UNITS}/{GATE_UNIT}", _GATE_UNIT.encode()),
        HostFile(f"{AGAIN_FOLDER}/liferaft-drill.conf", _AGAIN.encode()),
    )


def _told(allowed: Allowed) -> str:
    """What the gate's program goes by."""
    ports: dict[str, list[int] | None] = {}
    for callee in allowed.names:
        name = callee.name.lower().rstrip(".")
        if callee.is_address or (name in ports and ports[name] is None):
            continue
        if callee.port is None:
            ports[name] = None
        else:
            ports[name] = sorted({*(ports.get(name) or ()), callee.port})
    told = {
        "allowed": ports,
        "own": {name.lower().rstrip("."): to for name, to in allowed.own_names.items()},
        "table": TABLE,
        "mark": MARK,
        "port": PORT,
        "bridge_port": BRIDGE_PORT,
        "record": RECORD,
    }
    return json.dumps(told, indent=1, sort_keys=True) + "\n"
