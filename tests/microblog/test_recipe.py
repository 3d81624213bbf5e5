"""What names the image."""

from pathlib import Path

import pytest

from liferaft_stacks.microblog.image import recipe


def test_every_part_of_the_application_counts() -> None:
    suffixes = {path.suffix for path in recipe.application_files()}
    assert suffixes == {".py", ".html", ".css"}
    on_disk = [path for path in recipe.APPLICATION.rglob("*") if path.is_file()]
    assert {path.suffix for path in on_disk} - suffixes <= {".pyc"}


def test_a_changed_source_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "HERE", tmp_path / "image")
    source = tmp_path / "app.py"
    source.write_text("1")
    before = recipe.digest_of([source])
    source.write_text("2")
    assert recipe.digest_of([source]) != before


def test_the_recipe_reads() -> None:
    assert "python3-flask" in recipe.recipe().packages
