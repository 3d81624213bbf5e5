"""The state carries its digest: what is read is what was written, and the CLI reads it as ever."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.faults import StateDamaged
from liferaft.provision.engine.state.copies import Copy, restore
from liferaft.provision.engine.state.marked import marked, unmarked
from liferaft.provision.engine.state.standing import standing
from liferaft.provision.engine.state.storage import META, Storage, checkpoint_path, history_stem

PATH = checkpoint_path("golden", "dev")
TEXT = b'{"version":3,"checkpoint":{"stack":"dev","latest":{"manifest":{},"resources":[]}}}'


@pytest.fixture
def place(tmp_path: Path) -> StateLocation:
    return StateLocation(f"file://{tmp_path}/state")


async def test_a_checkpoint_is_read_back_as_it_was_written_and_is_json_as_it_rests(
    place: StateLocation, tmp_path: Path
) -> None:
    storage = Storage(place)
    await storage.write(PATH, TEXT)
    assert await storage.read(PATH) == TEXT
    resting = json.loads((tmp_path / "state" / PATH).read_bytes())
    assert len(resting.pop("liferaft_sha256")) == 64
    assert resting == json.loads(TEXT)


def test_any_flipped_bit_of_a_checkpoint_is_found() -> None:
    whole = marked(TEXT)
    for at in range(len(whole)):
        for bit in range(8):
            flipped = bytearray(whole)
            flipped[at] ^= 1 << bit
            with pytest.raises(StateDamaged, match=r"dev\.json"):
                unmarked(bytes(flipped), "dev.json")


@pytest.mark.parametrize("cut", [0, 1, 30, 84, 85, 86, 100])
def test_a_checkpoint_that_was_cut_short_is_found(cut: int) -> None:
    if cut < 85:  # nothing of ours is known in it, and nothing is read from it either
        assert len(unmarked_or_damaged(marked(TEXT)[:cut])) <= cut
    else:
        with pytest.raises(StateDamaged):
            unmarked(marked(TEXT)[:cut], "dev.json")


def unmarked_or_damaged(stored: bytes) -> bytes:
    try:
        return unmarked(stored, "dev.json")
    except StateDamaged:
        return b""


@pytest.mark.parametrize("text", [TEXT, json.dumps(json.loads(TEXT), indent=4).encode(), b"{}"])
def test_what_the_cli_wrote_is_read_as_it_is(text: bytes) -> None:
    assert unmarked(text, "dev.json") == text


async def test_a_damaged_state_is_replaced_by_a_copy(place: StateLocation, tmp_path: Path) -> None:
    storage = Storage(place)
    await storage.prepare()
    await storage.write(PATH, TEXT)
    resting = tmp_path / "state" / PATH
    resting.write_bytes(resting.read_bytes().replace(b'"dev"', b'"deu"'))
    with pytest.raises(StateDamaged, match=r"dev\.json"):
        await standing(place, "golden", "dev")
    other = TEXT.replace(b'"manifest":{}', b'"manifest":{"time":"2026-11-22T14:00:00Z"}')
    kept = await restore(Copy("second", datetime.now(UTC), 0, other), place, "golden", "dev")
    assert await storage.read(PATH) == other
    assert kept is not None
    assert b'"deu"' in (await storage.raw(kept) or b"")


async def test_a_damaged_record_of_an_old_operation_hides_only_itself(
    place: StateLocation, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Storage(place)
    await storage.write(PATH, TEXT)
    for moment, text in ((1, b"{"), (2, b'{"kind":"update","result":"succeeded","endTime":1}')):
        await storage.write(f"{history_stem('golden', 'dev', moment)}.history.json", text)
    found = await standing(place, "golden", "dev")
    assert [update.kind for update in found.history] == ["update"]
    assert "dev-1.history.json" in caplog.text


@pytest.mark.parametrize("damaged", [b"versioo: 1\n", b"version: 1\x0b"])
async def test_a_damaged_note_of_the_layout_says_what_stands_there(
    place: StateLocation, damaged: bytes
) -> None:
    storage = Storage(place)
    await storage.write(META, damaged)
    with pytest.raises(StateDamaged) as caught:
        await storage.prepare()
    assert "`version: 1`" in caught.value.facts.do
