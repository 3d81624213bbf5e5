"""The vaults of a database on its server: which of them the archive waits for, and which not.

Notes lie beside a vault's configurations for pushing, as `files/pgbackrest-push` and `vaultwatch`
know them: `out`, the archive does not wait for it; `incomplete`, it lacks WAL or a backup.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from liferaft.data.postgres.configuration import UNITS, Repository
from liferaft.data.postgres.layout import ETC
from liferaft.data.postgres.services import keep_running
from liferaft.remote.acts import act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, put_changed
from liferaft.remote.program import packed

WATCH: Final = "liferaft-vault-watch.service"
_PROGRAM: Final = f"{PROGRAMS}/liferaft-vault-watch"
_HERE: Final = Path(__file__).parent
_NOTES: Final = f"""
cd {ETC}/push
for note in */out */incomplete; do
    [ ! -e "$note" ] || echo "$note $(head -n 1 "$note")"
done
"""


@dataclass(frozen=True)
class VaultNote:
    """What is noted of one vault. out: the archive does not wait for it. since: Unix seconds, and
    lsn: from where it lacks something; None where nobody noted it. why: in words."""

    vault: str
    out: bool
    since: float | None = None
    lsn: str | None = None
    why: str = ""

    @property
    def sentence(self) -> str:
        """For a person who looks at where the application stands."""
        since = (
            ""
            if self.since is None
            else f" since {datetime.fromtimestamp(self.since, tz=UTC):%F %T} UTC"
        )
        where = f", from {self.lsn} on" if self.lsn else ""
        if not self.out:
            return f"vault {self.vault} is incomplete{since}{where}: it gets a new backup by itself"
        if self.since is None:
            return f"vault {self.vault} is TAKEN OUT by an operator: it gets no WAL"
        why = f": {self.why}" if self.why else ""
        return (
            f"vault {self.vault} is TAKEN OUT and incomplete{since}{where}{why}. It is "
            "brought back by itself once it answers"
        )


async def keep_watch(host: Host, repositories: Sequence[Repository]) -> bool:
    """A vault that is dead is taken out of the archive from now on, and brought back, where there
    is another. Returns whether it had to be started."""
    if len({one.vault.name for one in repositories}) <= 1:
        return False
    unit = HostFile(f"{UNITS}/{WATCH}", (_HERE / "files" / WATCH).read_bytes())
    program = HostFile(_PROGRAM, packed(_HERE / "vaultwatch"), mode=0o755)
    await put_changed(host, [program, unit])
    return await keep_running(host, WATCH, _PROGRAM, "the watch over vaults")


async def take_out(host: Host, vault: str, why: str) -> None:
    """The archive waits for this vault no longer, until it answers. One that is out already stays
    as it was noted. Where the note is lost, the watch takes it out."""
    if await succeeds(host, ["test", "-e", f"{ETC}/push/{vault}/out"]):
        return
    now = time.time()
    await _note(host, vault, "out", {"since": now, "lsn": None, "why": why, "out": now})


async def await_backup(host: Host, vault: str) -> None:
    """The vault is new beside others: it gets a backup by itself, and is incomplete until then."""
    now = time.time()
    await _note(host, vault, "incomplete", {"since": now, "lsn": None, "back": now})


async def forget_others(host: Host, vaults: Sequence[str]) -> None:
    """What lies on the server of vaults that liferaft.toml does not name any more is removed: the
    archive would wait for them for ever."""
    folder = f"{ETC}/push"
    kept = (f"-not -path {folder}/{name} -not -path '{folder}/{name}/*'" for name in vaults)
    script = f"find {folder} -mindepth 1 {' '.join(kept)} -delete"
    await act(host, ["bash", "-c", script], doing="Forgetting vaults that are not named any more")


async def notes(host: Host) -> tuple[VaultNote, ...]:
    """Of every vault that is not whole; nothing where all are."""
    answer = await act(host, ["bash", "-euc", _NOTES], doing="Asking which vaults are whole")
    found: dict[str, VaultNote] = {}
    for line in answer.splitlines():
        note, _, said = line.partition(" ")
        vault, _, name = note.partition("/")
        if vault not in found:  # `out` comes first, and says as much
            found[vault] = _read(vault, said, out=name == "out")
    return tuple(found.values())


def _read(vault: str, said: str, *, out: bool) -> VaultNote:
    try:
        told: Mapping[str, Any] = json.loads(said)
        return VaultNote(
            vault, out, float(told["since"]), told.get("lsn"), str(told.get("why", ""))
        )
    except (ValueError, KeyError, TypeError):
        return VaultNote(vault, out)


async def _note(host: Host, vault: str, note: str, said: Mapping[str, Any]) -> None:
    path = f"{ETC}/push/{vault}/{note}"
    await host.put(path, json.dumps(said).encode(), mode=0o640, owner="root:postgres")
