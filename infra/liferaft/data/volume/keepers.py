"""The keepers of one volume: a timer for each vault, so that a vault that is dead starves no other.

A keeper looks at the volume, and keeps what changed; then it waits for the interval. It is not held
up by a restart of the application, and `podman` is all that it has to do with the application.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from liferaft.data.failures import SnapshotFailed
from liferaft.data.volume.dataset import Volume
from liferaft.data.volume.lag import VolumeLag, lags
from liferaft.data.volume.program import KEEPER, STATES, TASKS
from liferaft.plan.telling import TOLD
from liferaft.remote.acts import QUICK, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile, differing, put_changed
from liferaft.remote.waiting import wait_until

DEFAULT_SECONDS: Final = 60.0
"""Between two looks at a small volume."""
_UNITS: Final = "/etc/systemd/system"
_SERVICE: Final = "liferaft-volume@.service"
_SOURCES: Final = Path(__file__).parent / "files"


async def are_keeping(host: Host, volumes: Sequence[Volume], epoch: int) -> bool:
    """There is a timer for each vault that runs, at boot as well, and none besides."""
    if await _others(host, volumes):
        return False
    for one in volumes:
        if await differing(host, _files(host, one, epoch)):
            return False
        timer = _timer(one)
        asked = f"systemctl --quiet is-enabled {timer} && systemctl --quiet is-active {timer}"
        if not await succeeds(host, ["bash", "-c", asked]):
            return False
    return True


async def stop_keepers(host: Host, volumes: Sequence[Volume]) -> None:
    """None of these is at work."""
    for one in volumes:
        script = f"systemctl stop {_timer(one)} {_service(one)} || true"
        await act(host, ["bash", "-c", script], doing=f"Stopping the {_called(one)}", deadline=120)


async def start_keepers(host: Host, volumes: Sequence[Volume], epoch: int) -> None:
    """They look at once, and then again and again. Only while the site reigns in `epoch`.
    Idempotent."""
    for instance in await _others(host, volumes):
        await _remove(host, instance)
    for one in volumes:
        await one.keeping(epoch).put(host)
        await put_changed(host, _files(host, one, epoch))
        timer = _timer(one)
        script = f"systemctl daemon-reload && systemctl enable {timer} && systemctl restart {timer}"
        await act(host, ["bash", "-c", script], doing=f"Starting the {_called(one)}")


async def first_copies(
    host: Host, volumes: Sequence[Volume], *, patience: float
) -> Mapping[str, Any]:
    """What a report says of the first copies; a large one goes on by itself. A vault that takes
    none is told; SnapshotFailed where no vault takes any."""
    names = {one.sealed.vault.name for one in volumes}
    seen: dict[str, VolumeLag] = {}

    async def are_through() -> bool:
        seen.update({lag.vault: lag for lag in await lags(host, volumes[0].name)})
        return names <= {name for name, lag in seen.items() if lag.has_said}

    await wait_until(are_through, seconds=patience, every=0.5)
    failing = [lag for name, lag in seen.items() if name in names and lag.failing]
    if len(failing) == len(names):
        raise SnapshotFailed(
            f"Volume {volumes[0].name} is kept in no vault: {failing[0].failing}",
            safe="The volume is untouched, and its service runs.",
            do="Mend what it names; it is tried again by itself.",
        )
    told = [
        f"Volume {volumes[0].name} is not in vault {lag.vault}, which is tried again: {lag.failing}"
        for lag in failing
    ]
    whole = all(name in seen and seen[name].behind is not None for name in names)
    return {"whole": whole, **({TOLD: told} if told else {})}


async def _others(host: Host, volumes: Sequence[Volume]) -> Collection[str]:
    """Instances that are for none of these."""
    wanted = {one.keeping(0).instance for one in volumes}
    listing = await host.run(["ls", TASKS], deadline=QUICK, check=False)
    return [one for one in _instances(listing.text, volumes[0].name) if one not in wanted]


def _instances(listing: str, name: str) -> Iterator[str]:
    for line in listing.splitlines():
        instance = line.removeprefix(f"{KEEPER}-").removesuffix(".json")
        if line == f"{KEEPER}-{instance}.json" and instance.rpartition(":")[2] == name:
            yield instance


async def _remove(host: Host, instance: str) -> None:
    """Its task goes last: as long as that is there, it is found."""
    timer, service = f"liferaft-volume@{instance}.timer", f"liferaft-volume@{instance}.service"
    script = (
        f"systemctl stop {timer} {service} || true; systemctl disable {timer} || true;"
        f" rm -f {_UNITS}/{timer} {STATES}/{instance} {TASKS}/{KEEPER}-{instance}.json"
    )
    await act(host, ["bash", "-c", script], doing=f"Removing keeper {instance}", deadline=120)


def _files(host: Host, one: Volume, epoch: int) -> tuple[HostFile, ...]:
    service = (_SOURCES / _SERVICE).read_bytes()
    return (
        *one.keeping(epoch).files(host),
        HostFile(f"{_UNITS}/{_SERVICE}", service),
        HostFile(f"{_UNITS}/{_timer(one)}", timer_text(one).encode()),
    )


def timer_text(one: Volume) -> str:
    """The timer's unit: each has an interval of its own."""
    interval = one.volume.told.interval
    seconds = interval.total_seconds() if interval else DEFAULT_SECONDS
    return f"""\
[Unit]
Description=Looks at volume {one.name} for vault {one.sealed.vault.name} (liferaft)

[Timer]
OnActiveSec=1s
OnUnitInactiveSec={seconds:.0f}s
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def _timer(one: Volume) -> str:
    return f"liferaft-volume@{one.keeping(0).instance}.timer"


def _service(one: Volume) -> str:
    return f"liferaft-volume@{one.keeping(0).instance}.service"


def _called(one: Volume) -> str:
    return f"keeper of volume {one.name} in vault {one.sealed.vault.name}"
