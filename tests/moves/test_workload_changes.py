"""What a deploy changes in the workload is read before it does, and whether users notice."""

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hosts.packed import image

from liferaft.compose import application
from liferaft.data.container_images.note import NoteRelease
from liferaft.hosts import archives
from liferaft.hosts.marks import Services, marked
from liferaft.moves import deploy
from liferaft.moves.inputs import DeployInputs
from liferaft.moves.workload_changes import changes, workload_changes
from liferaft.plan.plan import Plan
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.release import Release
from liferaft.site.world import World

BEFORE = """\
services:
  web:
    image: chirp:1
    command: serve --token hunter2
    environment:
      MODE: quiet
      OLD: "1"
"""
SECRET = "the app's own"
INPUTS = DeployInputs(site="north", epoch=1, reigns=True)


def services(text: str, secret: str | None = SECRET) -> Services:
    return marked(application.parse(text, Path("compose.yaml")), secret)


def changed(*pairs: tuple[str, str], secret: str | None = SECRET) -> list[str]:
    """What is told of the file with these pieces of it replaced."""
    after = BEFORE
    for old, new in pairs:
        assert old in after
        after = after.replace(old, new)
    return list(changes(services(BEFORE), services(after, secret)))


def test_a_new_image_is_told_by_its_name() -> None:
    assert changed(("chirp:1", "chirp:2")) == ["web: image chirp:1 → chirp:2"]


def test_the_environment_is_told_by_names_never_by_values() -> None:
    told_of = changed(("quiet", "loud"), ('OLD: "1"', 'NEW: "2"'))
    assert told_of == ["web: environment +NEW, environment -OLD, environment MODE changes"]


def test_another_key_of_the_compose_file_is_told_by_its_name() -> None:
    assert changed(("hunter2", "hunter3")) == ["web: command changes"]


def test_a_service_that_comes_or_goes_is_told() -> None:
    with_more = changed(("services:\n", "services:\n  jobs:\n    image: chirp:1\n"))
    assert with_more == ["jobs is new, from chirp:1"]
    assert changed(("  web:", "  site:")) == [
        "site is new, from chirp:1",
        "web is not started any more",
    ]


def test_without_the_apps_secret_names_are_compared_and_values_are_not() -> None:
    assert changed(("quiet", "loud"), secret=None) == []
    assert changed(('OLD: "1"', 'NEW: "2"'), secret=None) == [
        "web: environment +NEW, environment -OLD"
    ]


def test_nothing_of_a_value_lies_in_the_vault() -> None:
    noted = str(services(BEFORE))
    assert "hunter2" not in noted
    assert "quiet" not in noted
    assert services(BEFORE, "another app's") != services(BEFORE)


@pytest.fixture
def deployed(in_a_bucket: Callable[[str], World], tmp_path: Path) -> World:
    """A world of which a deploy noted what it started."""
    world = in_a_bucket("s3://chirp-vault")
    archive = tmp_path / "chirp.tar"
    archive.write_bytes(image("chirp:1"))
    app = world.site.config.app.model_copy(update={"images": (archive,)})
    world.site.config = world.site.config.model_copy(update={"app": app})
    world.site.config.app.compose.write_text(BEFORE)
    secret = world.site._secrets
    assert secret is not None
    part = Part("image", "chirp", 1, "", 7, {"digest": archives.digest(archive)})
    noted = services(BEFORE, secret.app_secret_key.get_secret_value())
    release.note(world.site.vault, 1, "run", Release("2026-11-22T14:00:00+00:00", (part,), noted))
    return world


def plan(world: World) -> Plan:
    return deploy.plan(world.site.config, INPUTS)


async def test_a_deploy_of_the_same_says_that_users_notice_nothing(deployed: World) -> None:
    (said,) = await workload_changes(deployed, plan(deployed), values=True)
    assert said == "The workload stays as it is: users notice nothing of it."


async def test_a_deploy_that_starts_something_anew_says_that_users_notice(
    deployed: World,
) -> None:
    deployed.site.config.app.compose.write_text(BEFORE.replace("quiet", "loud"))
    rows = await workload_changes(deployed, plan(deployed), values=True)
    assert rows[0] == "Web: environment MODE changes."
    assert rows[-1].startswith("Users notice")


async def test_another_image_under_the_same_name_is_told(deployed: World, tmp_path: Path) -> None:
    (tmp_path / "chirp.tar").write_bytes(image("chirp:1", content="another"))
    rows = await workload_changes(deployed, plan(deployed), values=True)
    assert rows[0] == "Images have other content."


async def test_a_plan_that_uses_nobodys_keys_says_what_it_did_not_compare(
    deployed: World,
) -> None:
    deployed.site.config.app.compose.write_text(BEFORE.replace("quiet", "loud"))
    deployed.site._secrets = None
    rows = await workload_changes(deployed, plan(deployed), values=False)
    assert "liferaft preview" in rows[-1]


async def test_what_a_site_runs_that_does_not_reign_is_not_told(deployed: World) -> None:
    ready = deploy.plan(deployed.site.config, replace(INPUTS, reigns=False))
    assert await workload_changes(deployed, ready, values=True) == ()


async def test_a_failover_notes_what_it_started_so_that_the_next_one_needs_no_snapshot(
    deployed: World,
) -> None:
    first = release.newest(deployed.site.vault, 1)
    assert first is not None
    note = NoteRelease(2, tuple(part.to_json() for part in first.images))
    assert not await note.holds(deployed)
    await note.apply(deployed)
    assert await note.holds(deployed)
    second = release.of_epoch(deployed.site.vault, 2)
    assert second is not None
    assert (second.digests, second.services) == (first.digests, first.services)
    assert dataclasses.replace(second, at=first.at) == first
