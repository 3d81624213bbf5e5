"""PostgreSQL and pgBackRest: a cluster whose content is a document, and whose WAL is documents."""

import hashlib
import json
import re
from typing import Any

from tests.models.call import Call
from tests.models.machine import Machine, always, program, variable
from tests.models.programs.repository import (
    ARCHIVE,
    CLUSTER,
    Repository,
    expire,
    info,
    repositories,
)
from tests.models.programs.services import starting

from liferaft.data.postgres.layout import CLAIM, ETC, GET, GET_END, GET_LOG
from liferaft.data.postgres.wal import SEGMENT_BYTES, Segment, format_lsn

CONFIG, DATA, UNIT = CLUSTER.config, CLUSTER.data, CLUSTER.unit
PACKAGE = CLUSTER.packages[0]
CLUSTER_FILE = f"{DATA}/cluster.json"
AUTO = f"{DATA}/postgresql.auto.conf"
_LOG_LINES = 20
_TOLD_STANZA = "P00   INFO: stanza 'main' already exists on repo1 and is valid\n"


def create(machine: Machine) -> None:
    """A new, empty cluster with an identifier of its own."""
    made = machine.kept["clusters"] = machine.kept.get("clusters", 0) + 1
    ident = hashlib.sha256(f"{machine.address} {made}".encode()).hexdigest()
    machine.files.make_folder(f"{CONFIG}/conf.d")
    machine.files.write(f"{CONFIG}/postgresql.conf", b"Debian's\n", machine.clock)
    machine.files.make_folder(f"{DATA}/pg_wal")
    cluster = {
        "system_id": str(int(ident[:15], 16)),
        "timeline": 1,
        "segment": 1,
        "recovery": False,
        "content": {"roles": {}, "databases": [], "ours": False, "beats": {}, "reigns": {}},
    }
    write(machine, cluster)


def read(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.files.read(CLUSTER_FILE))
    return found


def write(machine: Machine, cluster: dict[str, Any]) -> None:
    machine.files.write(CLUSTER_FILE, json.dumps(cluster).encode(), machine.clock)


def runs(machine: Machine) -> bool:
    unit = machine.units.get(UNIT)
    return unit is not None and unit.active


@starting(re.escape(UNIT))
def started(machine: Machine) -> bool:
    return machine.files.is_file(CLUSTER_FILE)


@program("pg_createcluster", package=PACKAGE)
async def pg_createcluster(call: Call) -> int:
    if call.machine.files.is_file(f"{CONFIG}/postgresql.conf"):
        return call.complain("cluster configuration already exists")
    create(call.machine)
    return 0


@program("pg_dropcluster", package=PACKAGE)
async def pg_dropcluster(call: Call) -> int:
    """Of the configuration what pg_createcluster has made, and nothing else."""
    if runs(call.machine):
        return call.complain("cluster is running")
    call.machine.files.remove(f"{CONFIG}/postgresql.conf")
    call.machine.files.remove(DATA)
    return 0


@program("pg_isready", package=PACKAGE)
async def pg_isready(call: Call) -> int:
    """It listens at every address that its configuration names."""
    quiet, host, *_ = call.arguments
    if quiet != "--quiet" or not host.startswith("--host="):
        return call.refuse()
    path = f"{CONFIG}/conf.d/liferaft.conf"
    files = call.machine.files
    text = files.read(path).decode() if files.is_file(path) else ""
    listens = host.removeprefix("--host=") in variable(text, "listen_addresses")
    return 0 if runs(call.machine) and listens else 2


@program("postgres")
async def postgres(call: Call) -> int:
    call.say(f"postgres (PostgreSQL) {CLUSTER.version}.8 (Debian)\n")
    return 0 if call.arguments == ["--version"] else call.refuse()


@program("pg_controldata", package=PACKAGE)
async def pg_controldata(call: Call) -> int:
    call.say("max_connections setting:              100\n")
    return 0 if call.arguments == ["-D", DATA] else call.refuse()


def _reigns(machine: Machine) -> str:
    """Eight digits; empty where nothing is archived."""
    files = machine.files
    return files.read(CLAIM).decode().strip() if files.is_file(CLAIM) else ""


def push_configs(machine: Machine) -> list[str]:
    """Where the archiver of this reign pushes to."""
    return machine.files.matching(f"{ETC}/push/*/{_reigns(machine)}.conf")


def _archive(machine: Machine) -> Segment:
    """End the segment that is being written; into every store of the reign."""
    cluster = read(machine)
    segment = Segment(cluster["timeline"], cluster["segment"])
    body = json.dumps(cluster["content"]).encode()
    name = f"{segment.name}-{hashlib.sha1(body, usedforsecurity=False).hexdigest()}.lz4"
    for config in push_configs(machine):
        for one in repositories(machine, config):
            one.store[f"{one.path}/{ARCHIVE}/{segment.name[:16]}/{name}"] = body
    cluster["segment"] += 1
    write(machine, cluster)
    return segment


@always
def goes_on(machine: Machine) -> None:
    """A primary beats, a standby fetches what it can and says what it found."""
    if not runs(machine):
        return
    cluster, reign = read(machine), _reigns(machine)
    if not cluster["recovery"]:
        beats = any(
            u.active for n, u in machine.units.items() if n.startswith("liferaft-heartbeat@")
        )
        if beats and reign and cluster["content"]["ours"]:
            cluster["content"]["beats"][str(int(reign))] = machine.clock
            write(machine, cluster)
        return
    if machine.files.is_file(GET) and not cluster.get("stops"):
        _replay(machine, cluster)


def _follow(machine: Machine, cluster: dict[str, Any]) -> None:
    """The timeline that the last setting names; its history is fetched from whichever repository
    has it."""
    settings = machine.files.read(AUTO).decode()
    named = re.findall(r"^recovery_target_timeline = '(\d+)'$", settings, re.MULTILINE)
    if not named or cluster["timeline"] == int(named[-1]):
        return
    cluster["timeline"] = int(named[-1])
    name = f"{cluster['timeline']:08X}.history"
    for one in repositories(machine, GET):
        history = one.store.get(f"{one.path}/{ARCHIVE}/{name}")
        if history is not None:
            machine.files.write(f"{DATA}/pg_wal/{name}", history, machine.clock)


def _replay(machine: Machine, cluster: dict[str, Any]) -> None:
    files = machine.files
    held: dict[Segment, bytes] = {}
    _follow(machine, cluster)
    for one in reversed(repositories(machine, GET)):
        held |= one.segments
    end = files.read(GET_END).decode().strip() if files.is_file(GET_END) else ""
    while True:
        wanted = Segment(cluster["timeline"], cluster["segment"])
        body = held.get(wanted)
        if body is None or (end and wanted.number > Segment.parse(end).number):
            break
        cluster["content"] = json.loads(body)
        cluster["segment"] += 1
    write(machine, cluster)
    lines = files.read(GET_LOG).splitlines() if files.is_file(GET_LOG) else []
    lines.append(f"{machine.clock:.6f} 1 {wanted.name}".encode())
    files.write(GET_LOG, b"\n".join(lines[-_LOG_LINES:]) + b"\n", machine.clock)


@program("pgbackrest", package="pgbackrest")
async def pgbackrest(call: Call) -> int:
    options = dict(word[2:].partition("=")[::2] for word in call.arguments if word.startswith("--"))
    words = [word for word in call.arguments if not word.startswith("--")]
    found = repositories(call.machine, options["config"])
    match words:
        case ["stanza-create"]:
            return _stanza_create(call, found[0])
        case ["info"]:
            call.say(json.dumps(info(found[0])))
        case ["backup"]:
            marker = call.arguments[-2].removeprefix("--annotation=marker=")
            return _backup(call, found[0], marker, options["type"])
        case ["expire"]:
            return expire(found[0], options)
        case ["repo-ls", folder]:
            one = found[int(options["repo"]) - 1]
            call.say("".join(f"{key.removeprefix(one.path)[1:]}\n" for key in one.below(folder)))
        case ["restore"] if options["target-timeline"] == "current":
            stops = any("=recovery_target_time=" in word for word in call.arguments)
            one = found[int(options["repo"]) - 1]
            return _restore(call, one, options["set"], stops=stops)
        case _:
            return call.refuse()
    return 0


def _stanza_create(call: Call, one: Repository) -> int:
    key = f"{one.path}/archive/main/archive.info"
    ident = read(call.machine)["system_id"]
    if key in one.store:
        if one.store[key].decode() != ident:
            return call.complain("[028]: backup and archive info files exist but do not match", 28)
        call.say(_TOLD_STANZA)
        return 0
    one.store[key] = ident.encode()
    return 0


def _backup(call: Call, one: Repository, marker: str, kind: str) -> int:
    machine = call.machine
    if not runs(machine) or not _reigns(machine):
        return call.complain("[056]: unable to find primary cluster - cannot proceed", 56)
    cluster = read(machine)
    segment = _archive(machine)
    taken = [int(row["label"].partition("-")[2][:6]) for row in info(one)[0]["backup"]]
    label = f"20261129-{max(taken, default=0) + 1:06}F"
    start = segment.number * SEGMENT_BYTES
    row = {
        "label": label,
        "type": kind,
        "annotation": {"marker": marker},
        "error": False,
        "timestamp": {"stop": int(machine.clock)},
        "info": {"size": len(json.dumps(cluster["content"]["databases"]))},
        "lsn": {"start": format_lsn(start + 0x28), "stop": format_lsn(start + 0x100)},
        "archive": {"start": segment.name, "stop": segment.name},
    }
    body = json.dumps({"row": row, "cluster": cluster}).encode()
    one.store[f"{one.path}/backup/main/{label}/backup.manifest"] = body
    return 0


def _restore(call: Call, one: Repository, label: str, *, stops: bool) -> int:
    """stops: at a moment, which is that of the backup here."""
    machine = call.machine
    if runs(machine):
        return call.complain("[038]: unable to restore while PostgreSQL is running", 38)
    if list(machine.files.below(DATA)):
        return call.complain("[040]: unable to restore: the path is not empty", 40)
    kept = one.store.get(f"{one.path}/backup/main/{label}/backup.manifest")
    if kept is None:
        return call.complain("[055]: unable to load info file", 55)
    cluster = json.loads(kept)["cluster"]
    machine.files.make_folder(f"{DATA}/pg_wal")
    cluster["segment"] += stops  # it has replayed what the backup needs
    settings = b"recovery_target_timeline = 'current'\n"
    machine.files.write(AUTO, settings, machine.clock)
    write(machine, cluster | {"recovery": True, "stops": stops})
    return 0
