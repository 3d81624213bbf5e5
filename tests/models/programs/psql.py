"""psql: each statement that liferaft makes has its answer here, and no other has one."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.models.call import Call
from tests.models.machine import Machine, program
from tests.models.programs.postgres import DATA, PACKAGE, push_configs, read, runs, write
from tests.models.programs.repository import ARCHIVE, repositories

from liferaft.data.postgres.wal import SEGMENT_BYTES, Segment, format_lsn


@program("psql", package=PACKAGE)
async def psql(call: Call) -> int:
    if not runs(call.machine):
        return call.complain("could not connect to server: No such file or directory", 2)
    if "-c" in call.arguments:
        return 0 if call.arguments[-2:] == ["-c", "select 1"] else call.refuse()
    values: dict[str, str] = {}
    lines = call.stdin.rest().decode().splitlines()
    while lines and (found := re.fullmatch(r"\\set (\w+) '(.*)'", lines[0])):
        values[found[1]] = found[2].replace("''", "'").replace("\\\\", "\\")
        lines.pop(0)
    text = "\n".join(lines)
    for pattern, answer in _ANSWERS.items():
        if re.search(pattern, text):
            asked = Asked(call.machine, read(call.machine), values, text)
            said = answer(asked)
            write(call.machine, asked.cluster)
            call.say("" if said is None else said if isinstance(said, str) else json.dumps(said))
            return 0
    call.machine.refused.append(text)
    return call.complain(f"not modelled: {text}", 3)


@dataclass
class Asked:
    """A statement to a cluster that runs. `values`: psql's variables."""

    machine: Machine
    cluster: dict[str, Any]
    values: dict[str, str]
    text: str

    @property
    def content(self) -> dict[str, Any]:
        """What is in the database."""
        found: dict[str, Any] = self.cluster["content"]
        return found


BYTEWISE = {"provider": "c", "libc": "C.UTF-8", "icu": None}
Answer = Callable[[Asked], Any]
_ANSWERS: dict[str, Answer] = {}


def _answers(pattern: str) -> Callable[[Answer], Answer]:
    """A statement that has this in it."""

    def registered(body: Answer) -> Answer:
        _ANSWERS[pattern] = body
        return body

    return registered


def _lsn(cluster: dict[str, Any]) -> int:
    """A standby stands at the end of what it has replayed, a primary somewhere in a segment."""
    start = int(cluster["segment"]) * SEGMENT_BYTES
    return start if cluster["recovery"] else start + 0x100


@_answers("'in_recovery', pg_is_in_recovery")
def _status(asked: Asked) -> Any:
    recovery = asked.cluster["recovery"]
    segment = Segment(asked.cluster["timeline"], asked.cluster["segment"])
    return {
        "in_recovery": recovery,
        "lsn": format_lsn(_lsn(asked.cluster)),
        "recovering": asked.cluster["timeline"],
        "writing": None if recovery else segment.name,
        "system_id": asked.cluster["system_id"],
    }


@_answers("^checkpoint$")
def _checkpoint(_: Asked) -> None:
    """Nothing is written late here."""


@_answers(r"to_json\(count\(\*\)\) from pg_database")
def _databases(asked: Asked) -> Any:
    return len(asked.content["databases"])


@_answers("'verifier', ")
def _known(asked: Asked) -> Any:
    content = asked.content
    return {
        "verifier": content["roles"].get(asked.values["role"]),
        "database": BYTEWISE if asked.values["name"] in content["databases"] else None,
        "others": [name for name in content["databases"] if name != asked.values["name"]],
    }


@_answers(r"^\s*select to_json\(\(select coalesce\(rolpassword")
def _verifier(asked: Asked) -> Any:
    """Without the role a row of NULL, which psql writes as nothing."""
    known = asked.content["roles"].get(asked.values["role"])
    return None if known is None else json.dumps(known)


@_answers("'create role ")
def _create_role(asked: Asked) -> None:
    asked.content["roles"][asked.values["role"]] = ""


@_answers("'alter role ")
def _alter_role(asked: Asked) -> None:
    asked.content["roles"][asked.values["role"]] = asked.values["verifier"]


@_answers("'create database ")
def _create_database(asked: Asked) -> None:
    asked.content["databases"].append(asked.values["name"])


@_answers(r"to_regclass\('liferaft.reign'\)")
def _our_tables(asked: Asked) -> Any:
    return asked.content["ours"]


@_answers("create schema if not exists liferaft")
def _schema(asked: Asked) -> None:
    asked.content["ours"] = True


@_answers(r"alter system set archive_command = '/bin/true'")
def _archive_off(asked: Asked) -> Any:
    asked.cluster["archives"] = False
    return "t"


@_answers(r"then pg_promote\(false\)")
def _promote(asked: Asked) -> Any:
    fork, before = format_lsn(_lsn(asked.cluster)), asked.cluster["timeline"]
    asked.cluster |= {"recovery": False, "timeline": before + 1}
    name = f"{asked.cluster['timeline']:08X}.history"
    history = f"{before}\t{fork}\tno recovery target specified\n".encode()
    asked.machine.files.write(f"{DATA}/pg_wal/{name}", history, asked.machine.clock)
    for config in push_configs(asked.machine) if asked.cluster.get("archives", True) else ():
        for one in repositories(asked.machine, config):
            one.store[f"{one.path}/{ARCHIVE}/{name}"] = history
    return "t"


@_answers("from pg_sequences")
def _sequences(asked: Asked) -> Any:
    """Twice is no harm: an id is only never given out twice."""
    asked.content["sequences ahead of"] = asked.cluster["timeline"]
    return []


@_answers("insert into liferaft.reign")
def _record(asked: Asked) -> None:
    row = [
        int(asked.values["timeline"]),
        asked.values["fork"],
        asked.cluster["system_id"],
        json.loads(asked.values["left"]),
    ]
    asked.content["reigns"][asked.values["epoch"]] = row


@_answers("from liferaft.reign, pg_control_system")
def _recorded(asked: Asked) -> Any:
    return asked.content["reigns"].get(asked.values["epoch"])


@_answers("create schema liferaft_on_trial")
def _written_and_taken_back(asked: Asked) -> Any:
    return json.dumps(asked.values["word"])


@_answers("insert into liferaft.heartbeat")
def _beat_once(asked: Asked) -> None:
    asked.content["beats"][asked.values["epoch"]] = asked.machine.clock


@_answers("from liferaft.heartbeat")
def _heartbeat(asked: Asked) -> Any:
    least = re.search(r"where epoch < (\d+)", asked.text)
    rows = {int(epoch): at for epoch, at in asked.content["beats"].items()}
    if least:
        rows = {epoch: at for epoch, at in rows.items() if epoch < int(least[1])}
    if not rows:
        return None
    newest = max(rows)
    return [newest, datetime.fromtimestamp(rows[newest], tz=UTC).isoformat()]


@_answers("datlocprovider")
def _collations(_: Asked) -> Any:
    return ["libc C.UTF-8"]


@_answers("pg_current_wal_insert_lsn")
def _digests(asked: Asked) -> str:
    """Nothing else is written here: the first moment is quiet, and there is one table."""
    lsn = {"lsn": format_lsn(_lsn(asked.cluster))}
    row = {"table": "public.post", "percent": 100, "rows": 1, "digest": "7"}
    return f"{json.dumps(lsn)}\n{json.dumps(row)}\n"


@_answers("pg_get_wal_replay_pause_state")
def _reached(asked: Asked) -> Any:
    state = "paused" if asked.cluster.get("stops") else "not paused"
    return {"state": state, "lsn": format_lsn(_lsn(asked.cluster)), "at": None}
