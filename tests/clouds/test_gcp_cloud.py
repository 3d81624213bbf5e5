"""Google's SDK is loaded where Google's cloud is opened, and nowhere else."""

import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from tests.clouds.gcp_key import write_key

from liferaft.clouds.gcp import clients
from liferaft.clouds.gcp.key import FILE
from liferaft.clouds.registry import CLOUDS, open_cloud

_OTHERS = """
import sys
from liferaft.clouds.registry import open_cloud
open_cloud("hetzner", "fsn1", dict.fromkeys(
    ("HCLOUD_TOKEN", "HETZNER_S3_ACCESS_KEY_ID", "HETZNER_S3_SECRET_ACCESS_KEY"), "x"))
assert not [name for name in sys.modules if name.startswith(("google.cloud", "google.auth"))]
"""
_BOTH_WAYS = (
    """
import liferaft.clouds.gcp.errors
from google.longrunning import operations_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2
""",
    """
from pulumi.runtime.proto import provider_pb2, status_pb2
import liferaft.clouds.gcp.errors
from google.longrunning import operations_pb2
""",
)
_WORKS = "operations_pb2.Operation(error=status_pb2.Status(code=3))"


def _run(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True, timeout=110)


@pytest.mark.sandbox  # an interpreter of its own
def test_opening_another_cloud_loads_nothing_of_googles() -> None:
    _run(_OTHERS)


def test_opening_it_does_not_wait_for_the_sdk_and_has_the_kinds_that_the_registry_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, asked, loaded = threading.Event(), threading.Event(), threading.Event()

    def load(name: str) -> ModuleType:
        asked.set()
        opened.wait(60)
        loaded.set()
        return ModuleType(name)

    monkeypatch.setattr(clients, "importlib", SimpleNamespace(import_module=load))
    cloud = open_cloud("gcp", "europe-west3", {FILE: str(write_key(tmp_path))})
    assert asked.wait(60), "it begins to load"
    assert not loaded.is_set()
    opened.set()
    assert set(cloud.kinds) == CLOUDS["gcp"].kinds


@pytest.mark.sandbox  # two processes that load Pulumi's SDK
@pytest.mark.parametrize("imports", _BOTH_WAYS)
def test_pulumis_sdk_and_googles_live_in_one_process(imports: str) -> None:
    """Both bring google.rpc.Status, and a process takes a symbol once."""
    _run(f"{imports}\n{_WORKS}")
