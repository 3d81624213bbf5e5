"""Fixtures of tests that play actions in the modelled world: a plugin, loaded by tests/conftest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.models.scene import Written
    from tests.models.stories import Scenario


@pytest.fixture
def modelled() -> Iterator[None]:
    """All that a step would reach is a model's."""
    from tests.models.stories import modelled_world  # only these tests want all of it

    with modelled_world():
        yield


@pytest.fixture
def given(tmp_path_factory: pytest.TempPathFactory) -> "Written":
    """What an operator has written."""
    from tests.models.scene import written

    return written(tmp_path_factory.mktemp("app"))


@pytest.fixture
async def of_two_vaults(
    modelled: None,  # noqa: ARG001 - it has to be so before the steps are told
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> "list[Scenario]":
    """All steps by which images, certificates and buckets are kept in two vaults and come back."""
    from tests.models.two_vaults import steps_of_two_vaults

    return await steps_of_two_vaults(tmp_path_factory, monkeypatch)
