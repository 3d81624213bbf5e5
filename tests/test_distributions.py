"""What a wheel of each distribution holds: the product, and apart from it the sandbox."""

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
SANDBOX = ROOT / "infra" / "liferaft_sandbox"


def held(project: Path) -> set[str]:
    """The files that a wheel of the project in that folder would hold."""
    files = WheelBuilder(str(project)).recurse_included_files()
    return {file.distribution_path for file in files}


def test_the_products_wheel_holds_the_three_roots_and_nothing_of_the_sandbox() -> None:
    roots = {path.split("/")[0] for path in held(ROOT)}
    assert roots == {"liferaft", "liferaft_cli", "liferaft_stacks"}


def test_the_sandboxs_wheel_holds_its_package_whole() -> None:
    files = [path for path in SANDBOX.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    package = {str(path.relative_to(SANDBOX.parent)) for path in files}
    assert held(SANDBOX) == package - {"liferaft_sandbox/pyproject.toml"}
    assert "liferaft_sandbox/lab/recipes/plain/finish.sh" in package
