"""What is written when: the order the Pulumi CLI keeps, and group commit."""

import re
from pathlib import Path

import pytest
from tests.provision.engine.embedded.bucket import Bucket, bucket
from tests.provision.engine.world import GOLDEN, PRELUDE, World, program, toy

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]

Seen = tuple[frozenset[str], frozenset[tuple[str, str]]]
"""Rows that have an object, and what is under way."""


def recorded(file: Path) -> list[tuple[str, int, list[Seen]]]:
    """What the CLI wrote, one operation at a time: verb, phase, and each write without Stack and
    providers."""
    phases: list[tuple[str, int, list[Seen]]] = []
    for line in file.read_text().splitlines():
        title = re.match(r"-- phase (\d+|destroy): (\w+)", line)
        if title:
            phases.append((title[2], 1 if title[1] == "destroy" else int(title[1]), []))
        if not phases or not line.startswith("resources: "):
            continue
        rows, pending = line.removeprefix("resources: ").split(" | pending: ")
        objects = frozenset(row for row in rows.split(", ") if re.search(r"=\w+-", row))
        under_way = frozenset(
            (operation, item.split("=")[0])
            for operation, item in (one.split(" ") for one in pending.split(", ") if one != "-")
            if item.split("=")[0] not in {"golden-dev", "default"}
        )
        phases[-1][2].append((objects, under_way))
    return phases


def written(held: Bucket, begin: int) -> list[Seen]:
    ours = {"golden-dev", "default"}
    return [
        (frozenset(w.rows), frozenset(p for p in w.pending if p[1] not in ours))
        for w in held.writes[begin:]
    ]


def histories(seen: list[Seen]) -> dict[str, list[Seen]]:
    """What was written of each resource, in order; of independent ones the order is free."""
    names = {row.split("=")[0] for rows, _ in seen for row in rows}
    names |= {name for _, pending in seen for _, name in pending}
    found = {}
    for name in names:
        of_it = [
            (
                frozenset(row for row in rows if row.split("=")[0] == name),
                frozenset(one for one in pending if one[1] == name),
            )
            for rows, pending in seen
        ]
        found[name] = [one for n, one in enumerate(of_it) if n == 0 or one != of_it[n - 1]]
    return found


@pytest.mark.parametrize("name", ["03-replace", "04-delete-before-replace", "13-failures"])
async def test_one_operation_at_a_time_the_state_is_written_as_the_pulumi_cli_writes_it(
    name: str, tmp_path: Path
) -> None:
    world = World(tmp_path, GOLDEN / "programs" / name)
    with bucket() as held:
        for verb, number, theirs in recorded(GOLDEN / "data" / name / "writes.txt"):
            begin = len(held.writes)
            await world.run(verb, number, parallel=1, state=held.location)
            ours = written(held, begin)
            assert histories(ours) == histories(theirs), (verb, number)


MANY = f"""{PRELUDE}
class Thing(pulumi.CustomResource):
    def __init__(self, name, **props):
        super().__init__("toy:index:Thing", name, props)
for number in range(64):
    Thing(f"thing-{{number}}", size=number)
"""


async def test_operations_share_writes_and_none_begins_before_its_pending_row_is_durable(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, program(tmp_path, MANY))
    with bucket(slow=True) as held:
        outcome = await world.run("up", state=held.location, **toy(world, 1))
        assert outcome.changes == {"create": 65}
        assert len(held.writes) <= 64 / 2, "each operation needs two writes, sixteen share them"
        for urn, began in world.objects.items():
            asked = ("creating", urn.split("::")[-1])
            noted = [write.moment for write in held.writes if asked in write.pending]
            assert noted, urn
            assert min(noted) <= began, urn
