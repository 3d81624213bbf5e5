"""The image's ingredients, and the digest that names what comes of them."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
APPLICATION = HERE.parent / "app"


@dataclass(frozen=True)
class Recipe:
    """`recipe.toml` as values."""

    suite: str
    packages: tuple[str, ...]
    botocore_services: tuple[str, ...]
    trim: tuple[str, ...]
    user: str
    working_dir: str
    entrypoint: tuple[str, ...]


def recipe() -> Recipe:
    """The recipe beside this file."""
    raw = tomllib.loads((HERE / "recipe.toml").read_text())
    return Recipe(
        suite=raw["suite"],
        packages=tuple(raw["packages"]),
        botocore_services=tuple(raw["botocore_services"]),
        trim=tuple(raw["trim"]),
        user=raw["run"]["user"],
        working_dir=raw["run"]["working_dir"],
        entrypoint=tuple(raw["run"]["entrypoint"]),
    )


def application_files() -> list[Path]:
    """The application's sources, sorted, without what Python or an editor leaves beside them."""
    return [
        path
        for path in sorted(APPLICATION.rglob("*"))
        if path.is_file() and path.suffix in {".py", ".html", ".css"}
    ]


def ingredients_digest() -> str:
    """Twelve hex digits that change with the recipe, the build's code or the application."""
    return digest_of([*sorted(HERE.glob("*.py")), HERE / "recipe.toml", *application_files()])


def digest_of(files: Sequence[Path]) -> str:
    """Twelve hex digits over names (below the microblog's folder) and contents, in this order."""
    total = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(HERE.parent)} {content}\n".encode())
    return total.hexdigest()[:12]
