"""The map of the house names every room, and the house keeps its own rules."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ROOT / "infra" / "liferaft"
SANDBOX = ROOT / "infra" / "liferaft_sandbox"
HEAVY = ("boto3", "botocore", "grpc", "google", "pulumi", "hcloud", "asyncssh", "obstore")


def test_every_room_stands_in_architecture_md() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = {path.name.removesuffix(".py") for path in ROOMS.iterdir() if _is_room(path)}
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert rooms == named


def _is_room(path: Path) -> bool:
    return (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")


def test_help_loads_no_cloud_sdk_and_no_engine() -> None:
    probe = (
        "import sys\n"
        "from liferaft_cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as leave:\n    assert not leave.code, leave.code\n"
        f"print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "failover" in result.stdout
    assert result.stderr.strip() == "[]"


def test_the_lock_file_names_no_place_and_hashes_everything() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if re.match(r"^[a-z0-9]", line)]
    assert pins
    assert all(line.endswith("\\") and "==" in line for line in pins)
    places = re.compile(r"://|--find-links|^/")
    assert not [line for line in lines if places.search(line)]


def test_every_dependency_that_the_project_names_is_locked() -> None:
    ours, sandboxs = (
        tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        for folder in (ROOT, SANDBOX)
    )
    optional = chain(*ours["optional-dependencies"].values())
    wanted = [*ours["dependencies"], *optional, *sandboxs["dependencies"]]
    names = {re.split(r"[\[<>=]", one)[0].lower() for one in wanted} - {"liferaft"}
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert names <= locked
