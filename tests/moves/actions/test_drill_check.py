"""A check in a container: it ends with 0 in time, and what it says last is told without secrets."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.moves.actions.scripted import Scripted

from liferaft.compose.application import Compose
from liferaft.hosts.workload import Workload
from liferaft.moves.actions.drill import NotAsItShould
from liferaft.moves.actions.drill_check import RunCheckOnTrial, last_lines, whole_lines

if TYPE_CHECKING:
    from liferaft.site.world import World

CHECK = RunCheckOnTrial(
    "app-1", 2, service="web", command=("python", "smoke test.py", "$HOME"), within=30
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    async def of(code: int, said: str) -> Any:
        host = Scripted({"timeout": (code, said, "")})

        async def given(_: str) -> Scripted:
            return host

        async def workload(*_: object) -> Workload:
            return Workload(Compose(), {"APP_SECRET_KEY": "s3cret-of-the-app"})

        monkeypatch.setattr(RunCheckOnTrial, "_workload", workload)
        world = cast("World", SimpleNamespace(servers=SimpleNamespace(host=given)))
        return await CHECK.apply(world), host.asked

    return of


async def test_it_runs_in_the_container_that_serves_word_by_word_and_within_its_time(
    run: Any,
) -> None:
    facts, (asked,) = await run(0, "posted and read again\n")
    assert facts["said"] == "posted and read again"
    assert asked.startswith(
        "timeout --kill-after=5 30 podman exec app_web_1 python 'smoke test.py' '$HOME' 2>&1 | "
    )


async def test_one_that_fails_fails_the_drill_with_what_it_said_and_no_secret(run: Any) -> None:
    with pytest.raises(NotAsItShould) as raised:
        await run(3, "key is s3cret-of-the-app\nno post came back\n")
    facts = raised.value.facts
    assert "container of web ended with 3" in facts.happened
    assert "no post came back" in facts.happened
    assert "s3cret" not in str(facts)
    assert "[APP_SECRET_KEY]" in facts.details["said"]


async def test_what_a_check_that_is_well_says_holds_no_secret_either(run: Any) -> None:
    facts, _ = await run(0, "key is s3cret-of-the-app")
    assert facts["said"] == "key is [APP_SECRET_KEY]"


@pytest.mark.parametrize("code", [124, 137])
async def test_one_that_does_not_end_is_told_as_such(run: Any, code: int) -> None:
    with pytest.raises(NotAsItShould, match=r"did not end within 30 s: it said nothing"):
        await run(code, "")


def test_a_line_that_may_be_cut_is_left_out_since_half_a_secret_is_not_known() -> None:
    cut = b"et-of-the-app\n" + b"x" * 65536
    assert "et-of-the-app" not in whole_lines(cut)
    assert whole_lines(b"short\n") == "short\n"


def test_only_the_last_lines_are_told() -> None:
    assert last_lines("\n".join(map(str, range(50)))).splitlines()[0] == "30"
    assert len(last_lines("x" * 9000)) == 2000
