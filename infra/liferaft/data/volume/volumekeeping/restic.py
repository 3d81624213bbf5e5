"""restic, for one volume in one vault under one reign. What is secret is in its environment."""

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .ended import Ended, VolumeNotBack, VolumeNotKept, end_of
from .task import VolumeVault

CACHE = "/var/cache/liferaft-volumes"
_KEEPING_SECONDS = RESTORING_SECONDS = 23 * 3600.0
_SECONDS = 1200.0
"""restic itself asks a store that fails for a quarter of an hour: that ends before."""
_WAIT_SECONDS = 900.0
_PARTLY = 3
"""It read what it could: https://restic.readthedocs.io/en/stable/075_scripting.html"""
_ABSENT = ("unable to open config file", "Is there a repository")
_LOCKED = "already locked"
_GONE = re.compile(r"no such file or directory|\"Err\":\s*2\b", re.IGNORECASE)
_SPARSE = (0, 15)
"""The first version that writes holes for zeros."""
_DAMAGED = (
    *("ciphertext verification failed", "wrong hash", "invalid data returned", "wrong size"),
    *("not found in index", "not found in repository", "key does not exist", "NoSuchKey"),
    *("no matching ID found", "does not exist", "invalid character", "LoadTree", "unable to open"),
    *("file size does not match", "too short", "unexpected EOF", "InvalidRange"),
    *("not satisfiable", "ciphertext", "cannot be unmarshalled"),
)
"""What restic says of content that it did not write, and of what is not there any more."""
_ON_THE_WAY = (
    *("dial tcp", "connection refused", "connection reset", "no such host", "timeout", "tls:"),
    *("no route to host", "no space left", "access denied", "x509"),
)


@dataclass(frozen=True)
class ResticRepository:
    """keys: another pair than the task's own, for the one act that deletes."""

    vault: VolumeVault
    folder: str
    password: str = field(repr=False)
    keys: tuple[str, str] | None = field(default=None, repr=False)

    def make(self) -> None:
        """There is one on return. Raises VolumeNotKept."""
        ended = self.run("init", "--repository-version=2", seconds=_SECONDS)
        if ended.code and "already exists" not in ended.said:
            raise VolumeNotKept(f"vault {self.vault.name} takes no repository: {ended.last_words}")

    def back_up(self, mount: str, exclude: Sequence[str]) -> Mapping[str, Any]:
        """restic's own account of the snapshot, which is whole. Raises VolumeNotKept."""
        ended = self._back_up(mount, exclude)
        if ended.code and any(words in ended.said for words in _ABSENT):
            self.make()
            ended = self._back_up(mount, exclude)
        if ended.code and _LOCKED in ended.said:
            self.run("unlock", seconds=_SECONDS)  # of what was killed half an hour ago, no other
        unread = [row for row in _rows(ended) if row.get("message_type") == "error"]
        lost = [row for row in unread if not _GONE.search(json.dumps(row))]
        summary = next((r for r in _rows(ended) if r.get("message_type") == "summary"), None)
        if ended.code not in {0, _PARTLY} or summary is None:
            raise VolumeNotKept(f"restic ended with {ended.code}: {ended.last_words}")
        if lost:
            first = lost[0].get("item") or lost[0]
            raise VolumeNotKept(f"{len(lost)} files could not be read, {first} for one")
        return summary

    def _back_up(self, mount: str, exclude: Sequence[str]) -> Ended:
        """The folder itself is kept with what is in it: its owner and mode belong to it."""
        parent, _, name = mount.rpartition("/")
        anchored = (f"{mount}{one}" if one.startswith("/") else one for one in exclude)
        return self.run(
            *("backup", "--json", "--host=liferaft"),
            *(f"--exclude={one}" for one in anchored),
            name,
            seconds=_KEEPING_SECONDS,
            folder=parent,
        )

    def restore(self, snapshot: str, target: str, *, verify: bool = False) -> None:
        """All of it is in the folder on return; verify: and was read again there. Raises
        VolumeNotBack, or VolumeNotKept where it did not end in time."""
        options = ["--sparse"] if writes_holes() else []
        options += ["--verify"] if verify else []
        words = ("restore", "--no-lock", f"--target={target}", *options, snapshot)
        _require_well(self.run(*words, seconds=RESTORING_SECONDS))

    def nodes(self, snapshot: str) -> list[dict[str, Any]]:
        """What a snapshot says of each file in it. Raises VolumeNotBack."""
        ended = self.run("ls", "--no-lock", "--json", snapshot, seconds=_SECONDS)
        _require_well(ended)
        return [row for row in _rows(ended) if row.get("struct_type") == "node"]

    def let_go(self, snapshots: Sequence[str]) -> None:
        """None of these is there on return, nor what they alone needed. Raises VolumeNotKept."""
        self.run("unlock", seconds=_SECONDS)
        there = self.there_of(snapshots)
        if there:
            said = self._require_done("forget", *there)
            # Until 0.18 it ends well as well where the store refuses each of them:
            # https://github.com/restic/restic/issues/5233
            if left := self.there_of(there):
                raise VolumeNotKept(
                    f"vault {self.vault.name} still has snapshot {left[0][:8]}, and {len(left)} of "
                    f"{len(there)} that were to go: {said}"
                )
        self._require_done("prune")

    def there_of(self, snapshots: Sequence[str]) -> tuple[str, ...]:
        """Those of these that the vault has. Raises VolumeNotKept."""
        ended = self.run("list", "snapshots", "--no-lock", seconds=_SECONDS)
        if ended.code:
            raise VolumeNotKept(f"restic ended with {ended.code}: {ended.last_words}")
        listed = ended.output.decode(errors="replace").split()
        return tuple(one for one in snapshots if one in listed)

    def _require_done(self, *words: str) -> str:
        """What it had to say last. Raises VolumeNotKept."""
        ended = self._once_unlocked(*words)
        if ended.code:
            raise VolumeNotKept(f"restic ended with {ended.code}: {ended.last_words}")
        return ended.last_words

    def _once_unlocked(self, *words: str) -> Ended:
        """It needs the repository for itself, and waits a while for a keeper that is at work."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            ended = self.run(*words, seconds=_KEEPING_SECONDS)
            if not ended.code or _LOCKED not in ended.said or time.monotonic() > deadline:
                return ended
            time.sleep(2.0)

    def run(self, *words: str, seconds: float, folder: str | None = None) -> Ended:
        """Its end, well or not. Raises VolumeNotKept where it did not end in time."""
        trust = [f"--cacert={self.vault.ca_file}"] if self.vault.ca_file else []
        argv = ["restic", f"--repo={self.vault.root}{self.folder}/repository", *trust]
        argv += [f"--cache-dir={CACHE}", "--option=s3.bucket-lookup=path"]
        argv += [f"--option=s3.region={self.vault.region}"]
        return end_of(
            [*argv, *words], seconds=seconds, environment=self._environment, folder=folder
        )

    @property
    def _environment(self) -> Mapping[str, str]:
        access, secret = self.keys or (self.vault.access_key, self.vault.secret_key)
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "HOME": "/root",
            "RESTIC_PASSWORD": self.password,
            "AWS_ACCESS_KEY_ID": access,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": self.vault.region,
            "RESTIC_PROGRESS_FPS": "0.016",
        }


def _require_well(ended: Ended) -> None:
    if ended.code:
        said = f"restic ended with {ended.code}: {ended.last_words}"
        raise VolumeNotBack(said, is_damaged=is_damage(ended.said))


def is_damage(said: str) -> bool:
    """Whether it is about what lies in the vault, and not about the way to it."""
    if any(words in said.lower() for words in _ON_THE_WAY):
        return False
    return any(words in said for words in _DAMAGED)


def writes_holes() -> bool:
    """Whether the restic that is here does, for runs of zeros."""
    return version() >= _SPARSE


def version() -> tuple[int, int]:
    """Of the restic that is here; the lowest where it does not say."""
    found = re.search(r"restic (\d+)\.(\d+)", end_of(["restic", "version"]).output.decode())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _rows(ended: Ended) -> list[dict[str, Any]]:
    rows = []
    for line in (*ended.output.decode(errors="replace").splitlines(), *ended.said.splitlines()):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
