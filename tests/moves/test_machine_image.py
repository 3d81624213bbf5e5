"""The plan of a machine image."""

import pytest

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.data.postgres.layout import cluster_of
from liferaft.moves import facts
from liferaft.moves.inputs import MachineImageInputs
from liferaft.moves.machine_image import plan
from liferaft.vault import Vault

POSTGRESQL = cluster_of(DEFAULT_SYSTEM).packages[0]
INPUTS = MachineImageInputs(site="north", epoch=1, reigns=False, image="20261122T140000Z")


def test_everything_that_any_server_needs_is_in_the_image(config: Config) -> None:
    steps = {step.name: step for step in plan(config, INPUTS).steps}
    packages = steps["install"].action.packages  # type: ignore[attr-defined]  # an InstallPackages
    assert {POSTGRESQL, "pgbackrest", "podman", "caddy", "rclone"} <= set(packages)


def test_the_builder_is_deleted_only_once_the_image_is_kept(config: Config) -> None:
    assert [step.name for step in plan(config, INPUTS).order()] == [
        *("builder", "install", "capture", "tidy")
    ]


def test_an_image_can_be_built_before_anything_reigns(
    config: Config, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "entry", lambda _: _WithImages)
    found = facts.for_machine_image(config, vault, "north")
    assert (found.site, found.epoch, found.reigns) == ("north", 1, False)


def test_where_there_are_no_images_it_is_said_what_to_install_on_the_machines(
    config: Config, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "entry", lambda _: _WithoutImages)
    with pytest.raises(Unsupported, match="has no machine images") as caught:
        facts.for_machine_image(config, vault, "north")
    (install,) = caught.value.facts.details.values()
    (step,) = (step for step in plan(config, INPUTS).steps if step.name == "install")
    assert set(step.action.packages) <= set(install.split())  # type: ignore[attr-defined]  # as above


class _WithImages:
    kinds = frozenset({"machine_image"})


class _WithoutImages:
    kinds: frozenset[str] = frozenset()
