"""An earlier version is had from history, once."""

import subprocess
from pathlib import Path

import pytest
from benchmarks.earlier import installed

SETUP = "#!/bin/sh\nmkdir .venv && git rev-parse HEAD >.venv/installed\n"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.test")
    argv = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / ".ci").mkdir(parents=True)
    git(folder, "init", "--quiet")
    setup = folder / ".ci/python-packages"
    for text in (SETUP, "#!/bin/sh\nexit 1\n"):
        setup.write_text(text)
        setup.chmod(0o755)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", "one more")
    return folder


def test_an_earlier_commit_is_installed_as_it_was_then_and_only_once(
    repository: Path, tmp_path: Path
) -> None:
    before = git(repository, "rev-parse", "HEAD~1")
    for _ in range(2):  # a second installation would fail: .venv is there
        earlier = installed(repository, "HEAD~1", tmp_path / "earlier")
    assert earlier.commit == before
    assert (earlier.folder / ".venv/installed").read_text().strip() == before
    assert earlier.liferaft[0].startswith(str(earlier.folder))


def test_what_cannot_be_installed_is_no_earlier_version(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        installed(repository, "HEAD", tmp_path / "earlier")
