"""What a manifest says of a backup."""

import json

from liferaft.data.postgres.backup import part_of
from liferaft.data.postgres.platform import Platform
from liferaft.recovery.part import Part

HERE = Platform("debian 12", "x86_64", "glibc 2.36", "15", "libc C.UTF-8")

BACKUP = {
    "annotation": {"marker": "run-1"},
    "archive": {"start": "00000002000000000000000A", "stop": "00000002000000000000000B"},
    "info": {"size": 31000000, "repository": {"size": 4000000}},
    "label": "20261122-141500F",
    "lsn": {"start": "0/A000028", "stop": "0/B000050"},
    "timestamp": {"start": 1795357990, "stop": 1795358000},
    "system_id": "7710999807537017086",
}


def test_a_part_says_what_a_restore_must_pin() -> None:
    part = part_of("db", 2, {"main": BACKUP}, platform=HERE)
    assert part.facts["timeline"] == 2
    assert part.facts["labels"] == {"main": "20261122-141500F"}
    assert part.facts["system_id"] == "7710999807537017086"
    assert part.size == 31000000
    assert part.facts["platform"]["postgresql"] == "15"
    assert part.taken_at == "2026-11-22T14:33:20+00:00"


def test_a_part_survives_the_manifest() -> None:
    part = part_of("db", 2, {"main": BACKUP}, platform=HERE)
    assert Part.from_json(json.loads(json.dumps(part.to_json()))) == part
