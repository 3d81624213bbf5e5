"""What Hetzner has and the sandbox lacks is refused in words of Hetzner's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.clouds.hetzner.conftest import Cloud

pytestmark = pytest.mark.fidelity


def test_an_action_that_the_sandbox_lacks_does_not_look_like_a_server_that_is_gone(
    cloud: Cloud,
) -> None:
    server = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    made = cloud.ask("POST", "/servers", server).json()["server"]
    path = f"/servers/{made['id']}/actions"
    refused = cloud.ask("POST", f"{path}/enable_backup")
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "unsupported_error"
    assert "enable_backup on a server" in refused.json()["error"]["message"]
    assert cloud.ask("POST", f"{path}/fly").json()["error"]["code"] == "not_found"
