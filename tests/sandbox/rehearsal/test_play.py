"""What a rehearsal waits for, and what it does not."""

from typing import Any

import pytest

from liferaft_sandbox.rehearsal.play import is_all_there
from liferaft_sandbox.rehearsal.stories import STORIES, USUAL


def run(**states: str) -> dict[str, Any]:
    """A failover's own account, with a bucket's copy in these states."""
    named = {f"bucket-{bucket}": state for bucket, state in states.items()}
    return {
        "steps": [
            {"name": name, "state": state} for name, state in {"restore": "done", **named}.items()
        ]
    }


def test_what_is_missing_after_the_copy_of_every_bucket_is_lost() -> None:
    assert is_all_there(run(media="done"), STORIES[USUAL])
    assert is_all_there(run(media="done", avatars="held"), STORIES[USUAL])


@pytest.mark.parametrize("state", ["failed", "open"])
def test_it_is_waited_for_while_a_bucket_is_being_copied(state: str) -> None:
    assert not is_all_there(run(media="done", avatars=state), STORIES[USUAL])


@pytest.mark.parametrize("story", ["main-dead", "main-falls"])
def test_it_is_waited_for_once_a_vault_is_back_that_may_have_it(story: str) -> None:
    assert not is_all_there(run(media="done"), STORIES[story])
