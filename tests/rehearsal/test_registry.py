"""An application whose image is at a registry, and that asks for its site in its own words: it is
deployed from there, and comes back at another cloud while there is no registry any more."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.rehearsal.desk import Desk

from liferaft_sandbox.rehearsal.scene import set_scene
from liferaft_sandbox.sandboxes import Sandbox
from liferaft_sandbox.vendors.registry import HOST

IMAGE = f"{HOST}/who/chirp:1"
TOLD = """\
    environment:
      WHERE: ${liferaft:site} of ${liferaft:domain}, epoch ${liferaft:epoch}
      STORE: ${liferaft:bucket.endpoint}/${liferaft:bucket.name}
      DB_HOST: ${liferaft:database.host}
      DATABASE_URL: ${liferaft:database.url}?application_name=in-its-own-words
"""
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root"),
]


@pytest.fixture
def desk(sandbox: Sandbox, project: Path, image: Path, tmp_path: Path) -> Desk:
    """Its folder has no archive of the image, which is at the registry."""
    folder = set_scene(project, image, tmp_path)
    compose, toml = folder / "compose.yaml", folder / "liferaft.toml"
    compose.write_text(compose.read_text().replace("localhost/chirp:latest", IMAGE) + TOLD)
    rows = toml.read_text().splitlines(keepends=True)
    toml.write_text("".join(row for row in rows if not row.startswith("images = ")))
    desk = Desk(sandbox.state.name, folder, tmp_path / "state")
    push = ("skopeo", "copy", "--quiet", f"oci-archive:{image}", f"docker://{IMAGE}")
    subprocess.run(desk.argv(*push), check=True, timeout=300)
    return desk


def told(desk: Desk, site: str) -> dict[str, str]:
    """What the application's container was told there."""
    inspect = ("podman", "inspect", "--format", "{{json .Config.Env}}", "app_web_1")
    code, said = desk.run("ssh", "app-1", "--site", site, "--", *inspect)
    assert code == 0, said
    return dict(one.split("=", 1) for one in json.loads(said[said.index("[") :]))


def test_what_a_registry_had_comes_back_without_it_and_learns_where_it_is(
    sandbox: Sandbox, desk: Desk
) -> None:
    code, said = desk.run("deploy", "aws-east", "--yes")
    assert code == 0, said
    if "NO RECOVERY POINT" in said:  # told with the way on, as on a crowded machine
        code, said = desk.run("snapshot", "--yes")
        assert code == 0, said
    first = told(desk, "aws-east")
    assert first["WHERE"] == "aws-east of chirp.test, epoch 1"
    sandbox.supervisor.kill("registry")
    code, said = desk.run("deploy", "aws-east", "--yes")
    assert code != 0
    assert f"docker://{IMAGE} cannot be had" in said
    assert "a failover asks no registry" in said
    assert "Traceback" not in said
    sandbox.supervisor.terminate("aws")
    code, said = desk.run("failover", "hetzner", "--yes")
    assert code == 0, said
    second = told(desk, "hetzner")
    assert second["WHERE"] == "hetzner of chirp.test, epoch 2"
    assert second["STORE"] != first["STORE"]
    assert second["DATABASE_URL"].endswith("?application_name=in-its-own-words")
    assert second["STORE"] == f"{second['S3_ENDPOINT']}/{second['S3_BUCKET']}"
    assert second["DB_HOST"] in second["DATABASE_URL"]
