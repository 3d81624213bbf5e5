"""One suite for everything that claims to be a host: over SSH to a real shell, and modelled."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.models.host import HostModel
from tests.models.machine import Machine

from liferaft.failures import DeadlinePassed
from liferaft.remote import CommandFailed, Host

from .conftest import PATIENCE


@dataclass(frozen=True)
class There:
    """A host, a folder on it that nobody else uses, and a user to whom files may be given."""

    host: Host
    folder: str
    owner: str

    async def lists(self, below: str = "") -> list[str]:
        """Names in the folder, the hidden ones too."""
        found = await self.host.run(["find", f"{self.folder}{below}", "-mindepth", "1"])
        return sorted(line.rpartition("/")[2] for line in found.text.splitlines())


@pytest.fixture(params=["ssh", "model"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> There:
    if request.param == "ssh":
        own = tmp_path / "own"
        own.mkdir()
        return There(request.getfixturevalue("host"), str(own), f"{os.getuid()}:{os.getgid()}")
    machine = Machine("192.0.2.1")
    machine.files.make_folder("/srv/own")
    return There(HostModel(machine), "/srv/own", "root:root")


async def test_a_command_runs_with_its_arguments_unchanged(there: There) -> None:
    done = await there.host.run(["printf", "%s|", "a b", "$HOME", "';"])
    assert (done.exit_code, done.text) == (0, "a b|$HOME|';|")


async def test_a_script_stops_at_its_first_error(there: There) -> None:
    with pytest.raises(CommandFailed) as caught:
        await there.host.run("false | true; echo reached")
    assert caught.value.exit_code == 1


async def test_what_is_no_program_is_not_found(there: There) -> None:
    done = await there.host.run("no-program-of-this-name", check=False)
    assert done.exit_code == 127
    assert b"no-program-of-this-name" in done.stderr


async def test_standard_input_arrives_whole(there: There) -> None:
    content = os.urandom(3_000_000)
    assert (await there.host.run(["cat"], stdin=content)).stdout == content


async def test_a_command_may_end_without_reading_its_input(there: There) -> None:
    assert (await there.host.run(["true"], stdin=b"x" * 3_000_000)).exit_code == 0


async def test_a_failure_says_the_end_of_stderr(there: There) -> None:
    with pytest.raises(CommandFailed) as caught:
        await there.host.run("seq 100 >&2; cat >&2; exit 7", stdin=b"and the last words\n")
    assert caught.value.exit_code == 7
    assert caught.value.facts.details["stderr"].endswith("100\nand the last words")
    assert "\n10\n" not in caught.value.facts.details["stderr"]


async def test_an_exit_code_can_be_an_answer(there: There) -> None:
    assert (await there.host.run(["test", "-e", "/absent"], check=False)).exit_code == 1


async def test_output_is_not_shown_by_accident(there: There) -> None:
    assert "hunter2" not in repr(await there.host.run(["echo", "hunter2"]))


async def test_a_command_past_its_deadline_goes_no_further(there: There) -> None:
    with pytest.raises(DeadlinePassed, match="did not end within 0"):
        await there.host.run(f"sleep 600; touch {there.folder}/late", deadline=0.3)
    assert await there.lists() == []


async def test_endless_output_is_ended(there: There) -> None:
    with pytest.raises(CommandFailed, match="wrote more than"):
        await there.host.run(["yes"])
    assert (await there.host.run(["echo", "on"])).text == "on"


async def test_a_file_is_replaced_at_once_with_its_mode(there: There) -> None:
    host, path = there.host, f"{there.folder}/new folder/secret file"
    await host.put(path, b"one", owner=there.owner)
    await host.put(path, b"two\x00", mode=0o640, owner=there.owner)
    assert await host.get(path) == b"two\x00"
    assert (await host.run(["find", path, "-perm", "0640"])).text == path
    assert await there.lists("/new folder") == ["secret file"]


async def test_a_put_that_fails_leaves_the_old_file_and_nothing_else(there: There) -> None:
    path = f"{there.folder}/file"
    await there.host.put(path, b"old", owner=there.owner)
    with pytest.raises(CommandFailed):
        await there.host.put(path, b"new", owner="nobody-of-this-name")
    assert await there.host.get(path) == b"old"
    assert await there.lists() == ["file"]


async def test_what_is_not_there_cannot_be_had(there: There) -> None:
    with pytest.raises(CommandFailed, match="No such file"):
        await there.host.get(f"{there.folder}/absent")


async def test_commands_run_side_by_side(there: There) -> None:
    all_have_begun = f'until [ "$(ls {there.folder} | wc -l)" = 3 ]; do sleep 0.05; done'
    await asyncio.gather(
        *(there.host.run(f"touch {there.folder}/{n}; {all_have_begun}") for n in range(3))
    )


async def test_waiting_ends_when_the_condition_holds(there: There) -> None:
    up = f"{there.folder}/up"
    script = f"if test -e {up}; then exit 0; fi; touch {up}; exit 1"
    done = await there.host.wait(script, until="the file", deadline=PATIENCE, every=0.05)
    assert done.exit_code == 0


async def test_waiting_in_vain_says_for_what_and_why(there: There) -> None:
    script = "echo no socket >&2; exit 2"
    # No second attempt would fit in: the first one ends the wait, however long it takes.
    with pytest.raises(DeadlinePassed, match="Waited 60 seconds for PostgreSQL on") as caught:
        await there.host.wait(script, until="PostgreSQL", deadline=PATIENCE, every=2 * PATIENCE)
    assert caught.value.facts.details["stderr"] == "no socket"
