"""Where the state rests."""

from pathlib import Path

import pytest

from liferaft.provision.engine.contract import Request, StateLocation
from liferaft.provision.engine.faults import StateUnreachable, Unsupported
from liferaft.provision.engine.storage import META, Storage


def storage(tmp_path: Path) -> Storage:
    return Storage(StateLocation(f"file://{tmp_path}/state"))


async def test_an_object_is_written_read_listed_and_removed(tmp_path: Path) -> None:
    place = storage(tmp_path)
    assert await place.read("a/b.json") is None
    await place.write("a/b.json", b"one")
    await place.write("a/b.json", b"two")
    assert await place.read("a/b.json") == b"two"
    assert await place.list("a") == ["a/b.json"]
    assert [p.name for p in (tmp_path / "state/a").iterdir()] == ["b.json"]
    await place.remove("a/b.json")
    await place.remove("a/b.json")
    assert await place.list("a") == []


async def test_a_state_of_an_older_layout_is_refused(tmp_path: Path) -> None:
    place = storage(tmp_path)
    await place.prepare()
    await place.prepare()
    await place.write(META, b"version: 0\n")
    with pytest.raises(Unsupported, match=r"meta\.yaml"):
        await place.prepare()


async def test_a_store_that_refuses_is_told_with_the_place_and_without_its_keys() -> None:
    options = {
        "endpoint": "http://127.0.0.1:9",
        "access_key_id": "k",
        "secret_access_key": "hidden",
        "region": "r",
        "virtual_hosted_style_request": "false",
    }
    location = StateLocation("s3://vault/state", options)
    with pytest.raises(StateUnreachable) as error:
        await Storage(location).read("dev.json")
    assert "dev.json at s3://vault/state" in error.value.facts.happened
    assert "hidden" not in repr(error.value.facts) + repr(location)


def test_a_request_shows_no_secret() -> None:
    request = Request(
        program=Path(),
        project="p",
        stack="s",
        state=StateLocation("file:///x", {"secret_access_key": "hidden"}),
        passphrase="hidden",
        secret_config={"p:token": "hidden"},
        environment={"TOKEN": "hidden"},
    )
    assert "hidden" not in repr(request)
