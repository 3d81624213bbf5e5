"""A folder of sources, run as one file by Python alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from liferaft.remote.program import packed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sources = tmp_path / "greeting"
    sources.mkdir()
    (sources / "__init__.py").write_text('"""Greets."""\n')
    (sources / "words.py").write_text("WORD = 'hello'\n")
    (sources / "main.py").write_text(
        "from .words import WORD\n\n\ndef main(argv):\n    print(WORD, *argv)\n    return 7\n"
    )
    return sources


@pytest.mark.sandbox  # an interpreter of its own
def test_a_host_needs_python_and_the_one_file(folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "greet"
    program.write_bytes(packed(folder))
    (tmp_path / "greeting.py").write_text("raise SystemExit('of the surroundings')\n")
    argv = [sys.executable, "-I", str(program), "a b"]
    ran = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "hello a b\n", "")


def test_the_same_sources_make_the_same_bytes(folder: Path) -> None:
    first = packed(folder)
    (folder / "main.py").touch()
    assert packed(folder) == first
    assert first.startswith(b"#!/usr/bin/python3 -I\n")


@pytest.mark.sandbox  # an interpreter of its own
def test_a_program_may_bring_along_a_package_of_another_program(tmp_path: Path) -> None:
    """Of the packages that hold both it takes the names alone."""
    here, there = tmp_path / "house" / "kitchen", tmp_path / "house" / "cellar"
    for folder in (here, there):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (tmp_path / "house" / "__init__.py").write_text("raise SystemExit('not on this host')\n")
    (there / "wine.py").write_text("COLOUR = 'red'\n")
    (here / "main.py").write_text(
        "from house.cellar.wine import COLOUR\n\n\ndef main(argv):\n    print(COLOUR)\n"
    )
    program = tmp_path / "cook"
    program.write_bytes(packed(here, beside=there))
    ran = subprocess.run(
        [sys.executable, "-I", str(program)], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "red\n", "")
