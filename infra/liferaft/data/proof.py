"""Whether a recovery point can be brought back, found out by doing it in a scratch place.

What is damaged is a finding; that a store or a server does not answer is none, and is raised.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from liferaft.failures import Failure, Held, Refused
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed, act, last_words, succeeds
from liferaft.remote.contract import Completed, Host
from liferaft.remote.waiting import wait_until
from liferaft.site.reach import VaultAccess

UNIT: Final = "liferaft-scratch.service"
"""The one on a server in which something is tried: whoever needs the server stops it."""
GIVES_WAY_TO: Final = ("liferaft-postgres-restore.service",)
"""Units of a failover on the same server."""
_LIMITS: Final = {
    "Nice": "19",
    "IOSchedulingClass": "idle",
    "CPUWeight": "5",
    "IOWeight": "5",
    "OOMScoreAdjust": "900",
    "TimeoutStopSec": "5s",
    "RuntimeDirectory": "liferaft-scratch",
    "RuntimeDirectoryMode": "0700",
}
_FLOOR: Final = 1024**3
_UNFINISHED: Final = ".liferaft-unfinished"
_TAKEN, _NO_ROOM = 3, 4
_PREPARE: Final = f"""
set -eu
umask 022
mkdir -p -- "${{1%/*}}"
if [ -e "$1" ] && [ -n "$(ls -A -- "$1")" ] && [ ! -e "$1/{_UNFINISHED}" ]; then
    exit {_TAKEN}
fi
rm -rf -- "$1"
[ "$(df --output=avail -B1 -- "${{1%/*}}" | tail -n 1)" -ge "$2" ] || exit {_NO_ROOM}
install -d -m 0700 -o "$3" -- "$1"
install -m 0600 -o "$3" /dev/null "$1/{_UNFINISHED}"
"""
_GAVE_WAY: Final = 75
_WATCHED: Final = f"""
exec 3<&0
units=$1
shift
cd "$RUNTIME_DIRECTORY" || exit
"$@" <&3 >answer &
program=$!
while sleep 2; do
    for unit in $units; do
        case $(systemctl show -P ActiveState "$unit") in
        active | activating) printf '%s\\n' "$unit" >instead; break 2 ;;
        esac
    done
    # Nobody is told anything by this; a line that is cut is noticed by it.
    printf '\\n' 2>/dev/null || break
done >&1 &
watch=$!
wait -n "$program" "$watch"
kill -0 "$watch" 2>/dev/null || {{
    [ -e instead ] && cat instead && exit {_GAVE_WAY}
    exit 1
}}
wait "$program"
code=$?
kill "$watch"
cat answer
exit $code
"""
"""What still runs once this has ended, systemd ends with the unit."""
_LEAVES_SECONDS: Final = 20.0
"""How long one may take to end whose operator is gone: it notices within two seconds."""


class GaveWay(Held):
    """Something that counts needed the server; what was tried there is gone."""


class CannotBeTried(Refused):
    """This server has not what a trial takes: that says nothing of what would come back."""


@dataclass(frozen=True)
class Trial:
    """What is to be tried, and how.

    Attributes:
        vault: the only one that is asked.
        point: the recovery point's name.
        whole: whether everything is read, and not a sample of what is large.
        takes_over: whether a trial of somebody else's on the same server is ended for it.
        into: a folder on the server in which what was restored stays; None: nothing stays.
        taken_at: the moment of the point, as of which that is.
    """

    vault: VaultAccess
    point: str
    whole: bool = False
    takes_over: bool = False
    into: str | None = None
    taken_at: str = ""


@dataclass(frozen=True)
class Proof:
    """What came of one part. checked: sentences; unread: what was not looked at; faults: why it
    would not come back. seconds: by what was done; size: bytes that were brought."""

    kind: str
    name: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    size: int = 0
    checked: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    faults: tuple[Failure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a record holds it."""
        return {
            **vars(self),
            "seconds": dict(self.seconds),
            "checked": list(self.checked),
            "unread": list(self.unread),
            "faults": [_noted(one) for one in self.faults],
        }


def _noted(fault: Failure) -> dict[str, Any]:
    """Without what a program said: it may quote what was sealed."""
    details = {name: text for name, text in fault.facts.details.items() if name != "said"}
    return {**asdict(fault.facts), "details": details}


async def run_in_scratch(
    host: Host,
    argv: list[str],
    *,
    trial: Trial,
    doing: str,
    deadline: float,
    stdin: bytes = b"",
    user: str = "root",
    deletes: str = "",
) -> str:
    """As `end_in_scratch`: its output. Raises HostActFailed where it did not end well."""
    completed = await end_in_scratch(
        *(host, argv),
        trial=trial,
        doing=doing,
        deadline=deadline,
        stdin=stdin,
        user=user,
        deletes=deletes,
    )
    if completed.exit_code != 0:
        raise failed_in_scratch(argv, completed, doing=doing)
    return completed.text


async def end_in_scratch(
    host: Host,
    argv: list[str],
    *,
    trial: Trial,
    doing: str,
    deadline: float,
    stdin: bytes = b"",
    user: str = "root",
    deletes: str = "",
) -> Completed:
    """Run a program that gives way to everything else on the server: it has the least share of
    processor and disk, is the first that goes where memory ends, and is ended with all that it
    started at its deadline. Its end, well or not.

    deletes: a folder that is deleted once it ended, however it ended. Raises Held while another
    trial runs there, or a failover restores.
    """
    await _require_free(host, trial)
    completed = await host.run(
        scratch_argv(argv, deadline=deadline, user=user, deletes=deletes),
        stdin=stdin,
        deadline=deadline + 30,
        check=False,
    )
    if completed.exit_code == _GAVE_WAY:
        raise GaveWay(
            f"{doing} gave way to a failover on the same server: {completed.text} runs",
            safe="What was restored for it is deleted; nothing of the failover was touched.",
            do="Verify when the failover is through.",
        )
    return completed


def failed_in_scratch(argv: list[str], completed: Completed, *, doing: str) -> HostActFailed:
    """The failure of a program that was tried there. Pure."""
    return HostActFailed(
        f"{doing} failed: {argv[0]} ended with {completed.exit_code}.",
        safe="The vault is untouched, and so is what serves; the scratch place is deleted.",
        do="Run the same command again: it begins anew.",
        details={"exit": str(completed.exit_code), "said": last_words(completed)},
    )


def scratch_argv(argv: list[str], *, deadline: float, user: str, deletes: str) -> list[str]:
    """What runs a program in the scratch unit of a server, whoever begins it there. Pure."""
    limits = [f"{name}={value}" for name, value in _LIMITS.items()]
    limits.append(f"RuntimeMaxSec={deadline:.0f}")
    limits += [f"ExecStopPost=/bin/rm -rf {deletes}"] if deletes else []
    words = ("bash", "-c", _WATCHED, "-", " ".join(GIVES_WAY_TO), *argv)
    return [
        *("systemd-run", "--wait", "--pipe", "--collect", "--quiet", f"--unit={UNIT}"),
        # Else it is the whole command, and systemd 252 writes it into the unit's file line by line.
        "--description=A recovery point is tried (liferaft)",
        *(f"--property={limit}" for limit in limits),
        # systemd would fill in ${NAME} by itself: `man systemd.service`, command lines.
        *(f"--uid={user}", "--", *(word.replace("$", "$$") for word in words)),
    ]


def folder_of(part: Part, trial: Trial) -> str | None:
    """Where a part stays that was restored to stay. Pure."""
    return None if trial.into is None else f"{trial.into}/{part.kind}-{part.name}"


async def prepare_folder(host: Host, path: str, need: int, *, owner: str = "root") -> None:
    """It is there, empty, and its owner's alone. What a killed restore left in it is deleted.

    Raises Refused for one that holds anything else, and where the disk has no room for `need` bytes
    and a floor besides.
    """
    completed = await host.run(
        ["bash", "-c", _PREPARE, "-", path, str(need + _FLOOR), owner], deadline=300, check=False
    )
    if completed.exit_code == _TAKEN:
        raise Refused(
            f"Folder {path} of the server holds something already",
            safe="Nothing of it was touched, and nothing was restored.",
            do="Name a folder that is not there yet: `--into FOLDER`.",
        )
    if completed.exit_code == _NO_ROOM:
        raise Refused(
            f"The server's disk has no room for {path}: {need} bytes, and 1 GiB that stays free",
            safe="Nothing was restored.",
            do="Name a folder on a larger disk with `--into`, or another site with `--at`.",
        )
    if completed.exit_code:
        raise HostActFailed(
            f"Making folder {path} failed: bash ended with {completed.exit_code}.",
            safe="Nothing was restored.",
            details={"said": last_words(completed)},
        )


async def finish_folder(host: Host, path: str) -> None:
    """It is whole, and is not begun anew by the next restore."""
    await act(host, ["rm", "-f", f"{path}/{_UNFINISHED}"], doing=f"Finishing folder {path}")


async def _require_free(host: Host, trial: Trial) -> None:
    for unit in GIVES_WAY_TO:
        if await succeeds(host, ["systemctl", "--quiet", "is-active", unit]):
            raise GaveWay(
                f"A failover restores on this server: {unit} runs",
                safe="Nothing was begun.",
                do="Verify when it is through, or at another site: `--at SITE`.",
            )
    if trial.takes_over:
        await host.run(["systemctl", "stop", UNIT], deadline=60.0, check=False)
        return

    async def is_free() -> bool:
        return not await succeeds(host, ["systemctl", "--quiet", "is-active", UNIT])

    if not await wait_until(is_free, seconds=_LEAVES_SECONDS, every=1.0):
        raise Held(
            "Somebody else tries a recovery point on this server",
            safe="Nothing was begun.",
            do="Wait for it, verify at another site with `--at SITE`, or end it: `--take-over`.",
            details={"unit": UNIT},
        )
