"""The database of the newest point is restored in a scratch place of its own server, from one vault
after the other, and what came of it is noted in each.

What is damaged is a finding; what kept a trial from its end is none, and is tried again. Of other
kinds of data nothing is tried here: they need what an operator alone has.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .attempts import Attempts
from .finding import (
    FAULTS,
    NO_FINDINGS,
    differing_tables,
    is_about_the_way,
    key_of_point,
    sum_of_rows,
)
from .manifest import KIND, NotTaken, opened, sealed
from .reached import NoAnswer, ReachedVault

VERSION = 1
"""Of the record of what came of a point."""
BY = "the database's server, by itself; the database alone"
_LATEST = 20
"""So many records are read at most to know which vault's turn it is."""


@dataclass(frozen=True)
class TrialSettings:
    """What liferaft wrote of it. every: seconds. argv: the scratch program in its unit; order: what
    it is told besides; questions: what psql is told before and after a key and its percents.
    attempts: the folder for notes of what came to no end."""

    every: float
    argv: Sequence[str]
    order: Mapping[str, Any]
    questions: Sequence[str]
    growth: int
    seconds: float
    attempts: str = ""


class NotBack(NotTaken):
    """A finding, which is noted."""


class NoTrial(NotTaken):
    """This server is to blame, and the trial of another vault would come to no end either."""


def try_if_due(
    settings: TrialSettings,
    vaults: Mapping[ReachedVault, tuple[str, ...]],
    *,
    site: str,
    data: str,
    now: Callable[[], datetime],
) -> str:
    """What was done, in a sentence. vaults: those that answer, with their points. The one that was
    tried longest ago has its turn; one whose trial comes to no end keeps no other from its own.

    Raises NotTaken: for a finding as well, once it is noted, and where a trial came to no end.
    """
    known = _known(vaults)
    last = {one: _last(known, one.vault) for one in vaults}
    turns = sorted(vaults, key=lambda one: last[one])
    due = [one for one in turns if not last[one] or _age(last[one], now()) >= settings.every]
    if not due:
        return f"Vault {turns[0].vault} was tried at {last[turns[0]]}, which is young enough."
    attempts = Attempts(settings.attempts)
    due = [one for one in due if not attempts.is_fresh(one.vault, now())]
    if not due:
        return "What is due came to no end a few hours ago: it is tried again later."
    said, failed = "", list[str]()
    for turn in due:
        try:
            said = _tried_from(
                turn, settings, attempts, vaults, known, site=site, data=data, now=now
            )
            break
        except (NotBack, NoTrial):
            raise
        except NotTaken as reason:
            failed.append(f"{turn.vault}: {reason}")
    if failed:
        raise NotTaken("; ".join([*failed, said.rstrip(".")] if said else failed))
    return said


def _tried_from(
    turn: ReachedVault,
    settings: TrialSettings,
    attempts: Attempts,
    vaults: Mapping[ReachedVault, tuple[str, ...]],
    known: Mapping[str, Mapping[str, Any]],
    *,
    site: str,
    data: str,
    now: Callable[[], datetime],
) -> str:
    """As `try_if_due`, of one vault."""
    if not vaults[turn]:
        raise NotTaken(f"vault {turn.vault} has no recovery point to try")
    name = vaults[turn][-1]
    key = f"epoch-{turn.epoch}/points/{name}.json"
    part = _part(opened(key, turn.get(key)), data)
    attempts.begin(turn.vault, now())
    answer, seconds = _tried(settings, turn, name, part, now)
    attempts.end(turn.vault)
    faults = tuple(_faults(answer, turn, name, part))
    came = {
        "at": now().astimezone(UTC).isoformat(timespec="seconds"),
        "by": BY,
        "where": site,
        "seconds": seconds,
        "whole": False,
        "parts": [_proof(answer, part, faults)],
        "faults": faults,
    }
    _note(vaults, known.get(name, {}), turn, name, came)
    if faults:
        raise NotBack(f"{name} DOES NOT COME BACK from vault {turn.vault}: {faults[0]}")
    return f"Recovery point {name} came back from vault {turn.vault}, in {seconds:.0f} s."


def _known(vaults: Mapping[ReachedVault, tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    """By point, what came of it from each vault, as any of them says. What cannot be read is tried
    anew."""
    found: dict[str, dict[str, Any]] = {}
    for one in vaults:
        folder = f"epoch-{one.epoch}/verified"
        for file in one.names(folder)[-_LATEST:]:
            with suppress(NotTaken, ValueError, KeyError, TypeError, AttributeError):
                key = f"{folder}/{file}"
                told = opened(key, one.get(key), version=VERSION)["vaults"]
                before = found.setdefault(file.removesuffix(".json"), {})
                for vault, came in told.items():
                    if str(came["at"]) > str(before.get(vault, {}).get("at", "")):
                        before[vault] = came
    return found


def _last(known: Mapping[str, Mapping[str, Any]], vault: str) -> str:
    """When this vault was tried last; empty where it never was."""
    return max((str(one[vault]["at"]) for one in known.values() if vault in one), default="")


def _age(at: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(at)).total_seconds()


def _part(manifest: Mapping[str, Any], data: str) -> Mapping[str, Any]:
    for part in manifest["parts"]:
        if (part["kind"], part["name"]) == (KIND, data):
            found: Mapping[str, Any] = part
            return found
    raise NotTaken(f"recovery point {manifest['name']} holds no database {data}")


def _tried(
    settings: TrialSettings,
    vault: ReachedVault,
    point: str,
    part: Mapping[str, Any],
    now: Callable[[], datetime],
) -> tuple[Mapping[str, Any], float]:
    """The scratch program's answer. Raises NotTaken where it came to no end."""
    label = part["facts"]["labels"].get(vault.vault)
    if label is None:
        raise NotTaken(f"vault {vault.vault} has no backup of recovery point {point}")
    digests = part["facts"].get("digests")
    order = {
        **settings.order,
        "config": str(vault.config),
        "label": label,
        "timeline": part["facts"]["timeline"],
        "lsn": digests["lsn"] if digests else None,
        "need": int(part["size"] * 1.1) + settings.growth,
        "questions": _questions(settings, vault, point, digests),
    }
    begun = now()
    try:
        ended = subprocess.run(
            settings.argv,
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=settings.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotTaken("the trial did not come to its end in time") from None
    said = ended.stdout.decode(errors="replace").split("\n")
    lines = [line for line in said if line.strip()]
    if ended.returncode or not lines:
        last = (*lines, ended.stderr.decode(errors="replace").strip())[-1]
        raise NoTrial(f"the trial came to no end ({ended.returncode}): {last[-200:]}")
    answer: Mapping[str, Any] = json.loads(lines[-1])
    fault = answer["fault"]
    if fault in NO_FINDINGS:
        raise NoTrial(f"{NO_FINDINGS[fault]}: {answer['said'][-200:]}")
    if fault and is_about_the_way(fault, answer["said"], answer["code"]):
        raise NoAnswer(f"objects of vault {vault.vault} could not be fetched")
    return answer, round((now() - begun).total_seconds(), 1)


def _questions(
    settings: TrialSettings, vault: ReachedVault, point: str, digests: Mapping[str, Any] | None
) -> str:
    secret = re.search(r"^repo1-cipher-pass=(.*)$", vault.config.read_text(), re.MULTILINE)
    if secret is None:
        raise NotTaken(f"{vault.config} has no key of the archive")
    tables = digests["tables"] if digests else {}
    percents = {name: one["percent"] for name, one in tables.items()}
    before, after = settings.questions
    key = key_of_point(secret[1], point)
    told = json.dumps(percents)
    return f"{before}\\set key {_quoted(key)}\n\\set percents {_quoted(told)}\n{after}"


def _quoted(value: str) -> str:
    """A word of psql's own commands."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _faults(
    answer: Mapping[str, Any], vault: ReachedVault, point: str, part: Mapping[str, Any]
) -> Iterator[str]:
    """Sentences, as an operator's trial says them."""
    where = f"Database {part['name']} of recovery point {point}"
    if answer["fault"]:
        yield f"{where} does not come back from vault {vault.vault}: {FAULTS[answer['fault']]}."
        return
    digests = part["facts"].get("digests")
    found = differing_tables(digests["tables"], _tables(answer)) if digests else ()
    if answer["system_id"] != part["facts"]["system_id"]:
        found = (*found, "it is another cluster's backup")
    if found:
        yield (
            f"{where}, restored from vault {vault.vault}, is not what was measured when it was "
            f"taken: {'; '.join(found)}."
        )


def _tables(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["table"]: one for one in answer["tables"]}


def _proof(
    answer: Mapping[str, Any], part: Mapping[str, Any], faults: Sequence[str]
) -> dict[str, Any]:
    tables = _tables(answer)
    digests = part["facts"].get("digests")
    read = (
        f"restored, replayed to {answer['lsn']} and started; pg_amcheck finds no damage, every page"
        f" has its checksum; {sum_of_rows(tables)} rows of {len(tables)} tables were read"
    )
    unread = ["Buckets, images and certificates: `liferaft snapshot verify` tries them."]
    if not digests:
        unread.append("Its rows were counted, and compared with nothing.")
    return {
        "kind": KIND,
        "name": part["name"],
        "seconds": answer["seconds"],
        "size": part["size"],
        "checked": [] if faults else [read],
        "unread": unread,
        "faults": [{"happened": fault, "safe": "", "do": "", "details": {}} for fault in faults],
    }


def _note(
    vaults: Mapping[ReachedVault, tuple[str, ...]],
    before: Mapping[str, Any],
    tried: ReachedVault,
    point: str,
    came: Mapping[str, Any],
) -> None:
    """In each vault, beside what is known of the others. Raises NoAnswer where one does not take
    it, once the others have it."""
    failed = []
    body = {"version": VERSION, "vaults": {**before, tried.vault: came}}
    for one in vaults:
        key = f"epoch-{one.epoch}/verified/{point}.json"
        try:
            one.put(key, sealed(key, body))
        except NoAnswer as failure:
            failed.append(str(failure))
    if failed:
        raise NoAnswer(f"what came of {point} is not noted everywhere: {'; '.join(failed)}")
