"""Commands that packages plug in: found when they are called, and missed in one message."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from tests.cli.conftest import Ran

Liferaft = Callable[..., Ran]


def package(folder: Path, *, needs: str = "") -> None:
    """A package in that folder, as an installer leaves it, with the command `greet`."""
    (folder / "greeting.py").write_text(
        dedent(
            """\
            import click

            @click.command()
            def greet():
                click.echo("good day")
            """
        )
    )
    metadata = folder / "greeting-1.0.dist-info"
    metadata.mkdir()
    told = "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"
    (metadata / "METADATA").write_text(told + (f"Requires-Dist: {needs}\n" if needs else ""))
    (metadata / "entry_points.txt").write_text("[liferaft.commands]\ngreet = greeting:greet\n")


def test_a_package_plugs_a_command_in(
    liferaft: Liferaft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert liferaft("greet") == Ran(0, "good day\n", "")


@pytest.mark.parametrize("needs", ["not-installed", "not-installed[all]>=3; python_version>'3'"])
def test_what_a_plugged_in_command_needs_is_named_where_it_is_not_installed(
    liferaft: Liferaft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs: str
) -> None:
    package(tmp_path, needs=needs)
    monkeypatch.syspath_prepend(tmp_path)
    ran = liferaft("greet")
    assert ran.code == 4
    assert "`liferaft greet` needs what is not installed here: not-installed." in ran.err


def test_the_sandbox_says_where_it_comes_from_where_it_is_not_installed(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = [place for place in sys.path if not [*Path(place).glob("*.dist-info")]]
    monkeypatch.setattr(sys, "path", without)
    ran = liferaft("sandbox", "up")
    assert ran.code == 4
    assert "`liferaft sandbox` comes with a package of its own" in ran.err
    assert "pip install ./infra/liferaft_sandbox" in ran.err

    assert " sandbox " in liferaft("--help").out
