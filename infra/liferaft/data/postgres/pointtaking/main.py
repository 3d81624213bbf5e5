"""`liferaft-points FILE`: take a recovery point if the newest one is old enough; with `verify` at
its end, try the newest one if the last trial is.

It is called every few minutes, so that what failed is tried again soon. Nothing is remembered:
what is due, the vaults say.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .beside import parts_now
from .chain import next_type
from .manifest import NotTaken, TakenPartly, age_of, gone_on, name_at, opened, sealed, started
from .ping import ping
from .reached import AS_POSTGRES, NoAnswer, ReachedVault
from .trial import TrialSettings, try_if_due

FAILED = 1
VERIFY = "verify"
CLOCKS_APART = 300.0
"""Seconds by which the clock of whoever took a point may be ahead of this server's. A point that is
further ahead says nothing of its age."""
_PSQL_SECONDS = 60.0
_SERVER = """
. /etc/os-release
printf '%s\\n' "$ID $VERSION_ID" "$(uname -m)" "$(getconf GNU_LIBC_VERSION)"
"""


@dataclass(frozen=True)
class PointSettings:
    """What it is told: a file that liferaft wrote. Seconds."""

    site: str
    data: str
    every: float
    full_every: float
    backup_seconds: float
    pgbackrest: Path
    """The folder with the archiver's configuration, and the epoch that this server archives in."""
    ping: Path | None = None
    """A file with the address that is asked for while the newest point is young in every vault."""
    verify: TrialSettings | None = None
    beside: Path | None = None
    """Where keepers of buckets note what they do; without it what lies beside the database is named
    as by the point before."""

    @classmethod
    def read(cls, path: Path) -> "PointSettings":
        told: dict[str, Any] = json.loads(path.read_text())
        ping = Path(told["ping"]) if told.get("ping") else None
        verify = TrialSettings(**told["verify"]) if told.get("verify") else None
        beside = Path(told["beside"]) if told.get("beside") else None
        paths = {"pgbackrest": Path(told["pgbackrest"]), "ping": ping, "beside": beside}
        return cls(**{**told, **paths, "verify": verify})


@dataclass(frozen=True)
class PointLook:
    """What was done, in a sentence. young: every vault that counts has a point that is no older
    than it may be."""

    said: str
    young: bool


def main(argv: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    settings = PointSettings.read(Path(argv[0]))
    if tuple(argv[1:]) == (VERIFY,):
        return _verify(settings, now)
    try:
        taken = take_if_due(settings, now)
    except TakenPartly as reason:
        sys.stderr.write(f"RECOVERY POINT {reason}\n")
        return FAILED
    except NotTaken as reason:
        sys.stderr.write(f"NO RECOVERY POINT: {reason}\n")
        return FAILED
    sys.stdout.write(f"{taken.said}\n")
    if taken.young and settings.ping is not None:
        unheard = ping(settings.ping)
        if unheard:
            sys.stderr.write(f"The dead man's switch did not hear it: {unheard}\n")
    return 0


def _verify(settings: PointSettings, now: Callable[[], datetime]) -> int:
    try:
        said = _tried(settings, now)
    except NotTaken as reason:
        sys.stderr.write(f"NOT VERIFIED: {reason}\n")
        return FAILED
    sys.stdout.write(f"{said}\n")
    return 0


def _tried(settings: PointSettings, now: Callable[[], datetime]) -> str:
    epoch = _epoch(settings)
    if settings.verify is None or not epoch:
        return "This server verifies nothing: it does not reign, or is not to."
    answering, silent = _asked(_vaults(settings, epoch))
    if not answering:
        raise NotTaken("; ".join(silent))
    return try_if_due(settings.verify, answering, site=settings.site, data=settings.data, now=now)


def take_if_due(settings: PointSettings, now: Callable[[], datetime]) -> PointLook:
    """Raises NotTaken; TakenPartly where only some vaults have the point, or it lacks something."""
    epoch = _epoch(settings)
    if not epoch:
        return PointLook("This server archives nothing: it does not reign.", young=False)
    vaults = _vaults(settings, epoch)
    answering, silent = _asked(vaults)
    if not answering:
        raise NotTaken("; ".join(silent))
    newest = max((name for names in answering.values() for name in names), default="")
    if not newest:
        raise NotTaken("this reign has no recovery point to go on from: `liferaft snapshot`")
    age = age_of(newest, now())
    if age < -CLOCKS_APART:
        raise _clock_behind(newest)
    if age < settings.every:
        young = not silent and all(newest in names for names in answering.values())
        return PointLook(f"Recovery point {newest} is young enough.", young=young)
    source = next(one for one, names in answering.items() if newest in names)
    key = f"epoch-{epoch}/points/{newest}.json"
    before = _with_release(opened(key, source.get(key)), source)
    before, lacks = _with_what_lies_beside(settings, before, list(answering), now)
    name, failed = _take(settings, before, list(answering), now)
    partly = [f"but not everywhere: {'; '.join([*failed, *silent])}"] if failed or silent else []
    partly += [f"and IT LACKS what is newer: {'; '.join(lacks)}"] if lacks else []
    if partly:
        raise TakenPartly(f"{name} was taken, {', '.join(partly)}")
    return PointLook(f"Recovery point {name} was taken.", young=True)


def _clock_behind(point: str) -> NotTaken:
    return NotTaken(f"this server's clock is behind recovery point {point}")


def _with_release(manifest: dict[str, Any], vault: ReachedVault) -> dict[str, Any]:
    """What was deployed since the newest point is named by the next one. A note that cannot be read
    keeps nothing from being kept: a failover goes by it, and tells it."""
    folder = f"epoch-{vault.epoch}"
    key = f"{folder}/release.json"
    if "release.json" not in vault.names(folder):
        return manifest
    try:
        release = opened(key, vault.get(key), version=None)
        return {**manifest, "parts": started(manifest["parts"], release)}
    except (NotTaken, KeyError, TypeError) as failure:
        sys.stderr.write(f"Images are named as by the newest point: {failure}\n")
        return manifest


def _with_what_lies_beside(
    settings: PointSettings,
    before: dict[str, Any],
    vaults: Sequence[ReachedVault],
    now: Callable[[], datetime],
) -> tuple[dict[str, Any], list[str]]:
    """The manifest to go on from, with parts as of now, and why some are older, in words."""
    if settings.beside is None:
        return before, []
    came = parts_now(before["parts"], vaults, folder=settings.beside, now=now())
    return {**before, "parts": came.parts}, came.lacks


def _epoch(settings: PointSettings) -> str:
    claim = settings.pgbackrest / "reign"
    said = claim.read_text().strip() if claim.exists() else ""
    return said if said.isdigit() else ""


def _vaults(settings: PointSettings, epoch: str) -> list[ReachedVault]:
    """Those of every vault that counts."""
    folders = sorted((settings.pgbackrest / "push").iterdir())
    found = [(one, one / f"{epoch}.conf") for one in folders if not (one / "out").exists()]
    return [ReachedVault(one.name, config, epoch) for one, config in found if config.exists()]


def _asked(vaults: Sequence[ReachedVault]) -> tuple[dict[ReachedVault, tuple[str, ...]], list[str]]:
    """The points of each vault that answers and in which this epoch reigns; what the others say.
    One vault in which another epoch reigns is enough to stop."""
    points: dict[ReachedVault, tuple[str, ...]] = {}
    silent: list[str] = []
    for one in vaults:
        try:
            one.require_epoch()
            points[one] = one.points()
        except NoAnswer as failure:
            silent.append(str(failure))
    return points, silent


def _take(
    settings: PointSettings,
    before: Mapping[str, Any],
    vaults: Sequence[ReachedVault],
    now: Callable[[], datetime],
) -> tuple[str, list[str]]:
    """The point's name, and what vaults said that have none of it. The manifest is written last."""
    platform, name = _platform(), name_at(now())
    if name <= before["name"]:
        raise _clock_behind(before["name"])
    backups: dict[ReachedVault, Mapping[str, Any]] = {}
    failed: list[str] = []
    for one in vaults:
        try:
            rows = [row for row in one.information()["backup"] if not row.get("error")]
            kind = next_type(rows, now().timestamp(), settings.full_every)
            backups[one] = one.back_up(kind, name, settings.backup_seconds)
        except NoAnswer as failure:
            failed.append(str(failure))
    if not backups:
        raise NotTaken("; ".join(failed))
    manifest = gone_on(
        {**before, "site": settings.site},
        {one.vault: backup for one, backup in backups.items()},
        name=name,
        data=settings.data,
        platform=platform,
        now=now(),
    )
    failed += _write(list(backups), manifest)
    if len(failed) >= len(vaults):
        raise NotTaken("; ".join(failed))
    return name, failed


def _write(vaults: Sequence[ReachedVault], manifest: Mapping[str, Any]) -> list[str]:
    """The manifest is in each of these; what the others say. It is taken back where another epoch
    has begun meanwhile: it would be of a history that was left."""
    answering, failed = _asked(vaults)  # the backups may have taken hours
    key = f"epoch-{manifest['epoch']:08}/points/{manifest['name']}.json"
    for one in answering:
        try:
            one.put(key, sealed(key, manifest))
        except NoAnswer as failure:
            failed.append(str(failure))
    try:
        _asked(vaults)
    except NotTaken:
        for one in answering:
            with suppress(NoAnswer):
                one.remove(key)
        raise
    return failed


def _platform() -> dict[str, str]:
    """What of this server a physical copy depends on, as a manifest says it."""
    said = subprocess.run(["bash", "-c", _SERVER], capture_output=True, text=True, check=True)
    system, architecture, libc = said.stdout.splitlines()
    asked = [*AS_POSTGRES, "psql", "-XqAt", "-d", "postgres", "-c", "show server_version_num"]
    try:
        version = subprocess.run(
            asked, capture_output=True, text=True, timeout=_PSQL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotTaken(f"the database gave no answer within {_PSQL_SECONDS:.0f} s") from None
    if version.returncode:
        raise NotTaken(f"the database does not answer: {version.stderr.strip()[-200:]}")
    major = str(int(version.stdout) // 10000)
    return {"system": system, "architecture": architecture, "libc": libc, "postgresql": major}
