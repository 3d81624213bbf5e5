"""The map of the house names every room, and the house keeps its own rules."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from liferaft.data.registry import ENTRIES

ROOT = Path(__file__).parent.parent
PYTHON = ("benchmarks", "cli", "docs", "infra", "stacks", "tests")
LONGEST = 300
ROOMS = ROOT / "infra" / "liferaft"
SANDBOX = ROOT / "infra" / "liferaft_sandbox"
OF_NO_KIND = (
    "deleting",
    "exposure",
    "in_vaults",
    "kind",
    "proof",
    "registry",
    "placeholders",
    "surplus",
    "wholeness",
)
OF_A_KIND = rf"liferaft\.data\.(?!(?:{'|'.join(OF_NO_KIND)})\b)"
HEAVY = ("boto3", "botocore", "grpc", "google", "pulumi", "hcloud", "asyncssh", "obstore")


def test_every_room_stands_in_architecture_md() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = {path.name.removesuffix(".py") for path in ROOMS.iterdir() if _is_room(path)}
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert rooms == named


def _is_room(path: Path) -> bool:
    return (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    paths = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in PYTHON)
    lengths = {str(one.relative_to(ROOT)): one.read_text().count("\n") for one in paths}
    assert len(lengths) > 900, "all were looked at"
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


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


def test_moves_records_configuration_and_reports_name_no_kind_of_data() -> None:
    """What they would have to know of one, it says itself: the next kind touches none of them."""
    kinds = {name for name, entry in ENTRIES.items() if entry.config}
    words = re.compile(r"postgresql|pgbackrest|timeline", re.IGNORECASE)
    rooms = ("moves", "recovery", "config", "evidence", "plan")
    files = [path for room in rooms for path in (ROOMS / room).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOMS)}: {said}"
        for path in files
        for said in _texts_and_imports(path)
        if said in kinds or words.search(said) or re.match(OF_A_KIND, said)
    ]
    assert len(files) > 50
    assert not found


def _texts_and_imports(path: Path) -> Iterator[str]:
    """Every text that is no docstring, every name, and every module that is imported."""
    tree = ast.parse(path.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom():
                yield from (f"{node.module}.{name.name}" for name in node.names)
            case ast.Name() | ast.Attribute():
                yield f".{node.id if isinstance(node, ast.Name) else node.attr}"
            case ast.Constant(value=str() as text) if id(node) not in documents:
                yield text
