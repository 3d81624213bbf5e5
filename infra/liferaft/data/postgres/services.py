"""Services of ours beside the database: they run what lies on the host now, at boot too."""

from liferaft.remote.acts import act, succeeds
from liferaft.remote.contract import Host


async def keep_running(host: Host, unit: str, program: str, what: str) -> bool:
    """Enable and start a unit with the program that lies on the host now. Returns whether it had to
    be started for that."""
    runs = (
        f"systemctl --quiet is-enabled {unit} && systemctl --quiet is-active {unit}"
        f" && test $(systemctl show -P NeedDaemonReload {unit}) = no"
        f' && test "$(date -d "$(systemctl show -P ActiveEnterTimestamp {unit})" +%s)"'
        f' -ge "$(stat -c %Y {program})"'
    )
    if await succeeds(host, ["bash", "-c", runs]):
        return False
    start = f"systemctl daemon-reload && systemctl enable {unit} && systemctl restart {unit}"
    await act(host, ["bash", "-c", start], doing=f"Starting {what}")
    return True
