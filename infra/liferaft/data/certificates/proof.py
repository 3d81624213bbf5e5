"""Certificates are fetched into memory of a server, opened, and asked how long they are good."""

import time
from typing import TYPE_CHECKING, Final

from liferaft.data.certificates.dataset import AREA
from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.proof import (
    Proof,
    Trial,
    end_in_scratch,
    failed_in_scratch,
    finish_folder,
    folder_of,
    prepare_folder,
)
from liferaft.data.rclone import CryptSecrets, Rclone, Sealed, ca_files
from liferaft.data.sealed_objects import NOT_THERE, READINGS, believed, is_damage
from liferaft.recovery.part import Part
from liferaft.remote.acts import last_words
from liferaft.remote.contract import Host

if TYPE_CHECKING:
    from liferaft.failures import Failure

CONFIG: Final = "scratch-certificates"
GOOD_DAYS: Final = 14
"""So long before its end, or for a quarter of a shorter life, Caddy should have renewed one."""
_SECONDS: Final = 300.0
_LOOK: Final = """
set -uo pipefail
mkdir "$RUNTIME_DIRECTORY/files" && cd "$RUNTIME_DIRECTORY/files" || exit
"$@" . || exit
printf '%s %s\\n' "$(find . -type f -not -path './locks/*' | wc -l)" "$(date +%s)"
of() { date -d "$(openssl x509 -noout "-$1date" -in "$crt" | cut -d= -f2-)" +%s; }
find . -name '*.crt' -not -path './locks/*' | while read -r crt; do
    key=${crt%.crt}.key
    if ! openssl x509 -noout -in "$crt"; then
        printf 'unreadable 0 0 %s\\n' "${crt##*/}"
        continue
    fi
    state=good
    [ "$(openssl x509 -noout -pubkey -in "$crt")" = "$(openssl pkey -pubout -in "$key")" ] ||
        state=keyless
    printf '%s %s %s %s\\n' "$state" "$(of start)" "$(of end)" "${crt##*/}"
done
"""
"""It runs in a folder in memory, which systemd makes and deletes with the unit."""
_WRONG: Final = {"unreadable": "is no certificate", "keyless": "does not fit its key"}
_DAY: Final = 86400


async def prove(host: Host, part: Part, seal: CryptSecrets, trial: Trial) -> Proof:
    """Keys never touch a disk. Nothing is left."""
    begun = time.monotonic()
    sealed = Sealed(trial.vault, seal)
    rclone = Rclone(host, CONFIG, ca_files(trial.vault))
    await rclone.configure(sealed.config(AREA, part.epoch))
    copy = rclone.argv("copy", "--retries=1", sealed.path(AREA, part.epoch))
    look, doing = (
        ["bash", "-c", _LOOK, "-", *copy],
        f"Opening certificates of vault {trial.vault.name}",
    )
    ended = await believed(
        lambda: end_in_scratch(host, look, trial=trial, doing=doing, deadline=_SECONDS),
        readings=READINGS,
    )
    said = last_words(ended)
    if str(ended.exit_code) in NOT_THERE:
        return proof_of(part, "0 0", trial, time.monotonic() - begun)
    if ended.exit_code and not is_damage(said):
        raise failed_in_scratch(look, ended, doing=doing)
    if ended.exit_code:
        return Proof(part.kind, part.name, faults=(_not_as_sealed(part, sealed, trial, said),))
    if (folder := folder_of(part, trial)) is not None:
        await prepare_folder(host, folder, part.size)
        await rclone.run(
            *("copy", sealed.path(AREA, part.epoch), folder),
            doing=f"Fetching certificates into {folder}",
            deadline=_SECONDS,
        )
        await finish_folder(host, folder)
    return proof_of(part, ended.text, trial, time.monotonic() - begun)


def proof_of(part: Part, said: str, trial: Trial, seconds: float) -> Proof:
    """What the server's answer means. Pure."""
    counted, *rows = said.splitlines()
    count, now = map(int, counted.split())
    found = [_state(row, now) for row in rows]
    wrong = [f"{name} {state}" for name, state in found if state]
    if count < part.facts["count"]:
        wrong.append(f"there are {count} of {part.facts['count']} files")
    vault = trial.vault.name
    faults: tuple[Failure, ...] = ()
    if wrong:
        faults = (
            NotVerified(
                f"Certificates of recovery point {trial.point} in vault {vault}: "
                f"{'; '.join(wrong)}.",
                safe="A failover comes up without them: what lacks is issued anew, which takes the "
                "time that the authority takes.",
                do="See whether Caddy renews at the site that reigns, then take a new recovery "
                "point: `liferaft snapshot`.",
                details={"vault": vault},
            ),
        )
    told = f"{len(found)} certificates fit their keys and have {GOOD_DAYS} days left, or a quarter"
    return Proof(
        part.kind,
        part.name,
        seconds={"read": round(seconds, 3)},
        size=part.size,
        checked=() if faults else (told,),
        faults=faults,
    )


def _state(row: str, now: int) -> tuple[str, str]:
    """A certificate's name, and what is wrong with it; nothing where it is good."""
    state, start, end, name = row.split(" ", 3)
    if state in _WRONG:
        return name, _WRONG[state]
    lifetime, left = int(end) - int(start), int(end) - now
    if left < min(GOOD_DAYS * _DAY, lifetime / 4):
        return name, f"ends in {max(0, left) / _DAY:.1f} days, of {lifetime / _DAY:.1f} that it had"
    return name, ""


def _not_as_sealed(part: Part, sealed: Sealed, trial: Trial, said: str) -> NotAsSealed:
    vault, folder = trial.vault.name, sealed.folder(AREA, part.epoch)
    return NotAsSealed(
        f"Certificates in vault {vault} are damaged, below {folder}.",
        safe="A failover comes up without them: what lacks is issued anew.",
        do="Take a new recovery point: `liferaft snapshot` brings them there again.",
        details={"vault": vault, "key": folder, "said": said},
    )
