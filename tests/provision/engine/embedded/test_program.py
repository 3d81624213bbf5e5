"""How a program is run: what it costs beside the program's own work."""

from pathlib import Path

import pytest
from tests.provision.engine.world import PRELUDE, World, program, toy

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]

COUNTED = """
import asyncio
from pathlib import Path

wait = asyncio.wait

async def counted(outputs, **options):
    with Path(FILE).open("a") as file:
        file.write(f"{len(outputs)}\\n")
    return await wait(outputs, **options)

asyncio.wait = counted

class Thing(pulumi.CustomResource):
    def __init__(self, name, **props):
        super().__init__("toy:index:Thing", name, props)

firsts = [Thing(f"first-{number}") for number in range(20)]
seconds = [Thing(f"second-{number}", first=first.id) for number, first in enumerate(firsts)]
pulumi.export("ids", [second.id for second in seconds])
"""


async def test_the_outputs_of_all_resources_are_not_looked_through_at_each_of_them(
    tmp_path: Path,
) -> None:
    """Else a thousand resources take a hundred times as long as a hundred."""
    counts = tmp_path / "counts"
    text = PRELUDE + COUNTED.replace("FILE", repr(str(counts)))
    world = World(tmp_path, program(tmp_path, text))
    outcome = await world.run("up", **toy(world, 1))
    assert outcome.ok
    assert len(outcome.outputs["ids"]) == 20
    looked_at = sum(map(int, counts.read_text().split())) if counts.exists() else 0
    assert looked_at < 40 * 20, "the outputs of each resource a few times, not all at each"
