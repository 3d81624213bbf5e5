"""Which engine is taken."""

import os
from pathlib import Path

import pytest

from liferaft.failures import BadInput
from liferaft.provision.engine.choice import choose
from liferaft.provision.engine.cli.engine import CliEngine
from liferaft.provision.engine.embedded.engine import EmbeddedEngine


def _pulumi(folder: Path, version: str) -> dict[str, str]:
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}"}


def test_auto_takes_a_cli_of_a_supported_version_and_else_the_embedded_engine(
    tmp_path: Path,
) -> None:
    assert isinstance(choose("auto", _pulumi(tmp_path, "v3.260.0")), CliEngine)
    assert isinstance(choose("embedded", _pulumi(tmp_path, "v3.260.0")), EmbeddedEngine)
    for version in ("v3.100.0", "v4.0.0", ""):
        assert isinstance(choose("auto", _pulumi(tmp_path, version)), EmbeddedEngine)
    nowhere = {"PATH": str(tmp_path / "nowhere")}
    assert isinstance(choose("auto", nowhere), EmbeddedEngine)


def test_who_wants_the_cli_is_told_why_it_cannot_be(tmp_path: Path) -> None:
    assert isinstance(choose("pulumi", _pulumi(tmp_path, "v3.260.0-alpha.1")), CliEngine)
    with pytest.raises(BadInput, match=r"is 3\.100\.0"):
        choose("pulumi", _pulumi(tmp_path, "v3.100.0"))
    with pytest.raises(BadInput, match="no executable `pulumi` on PATH"):
        choose("pulumi", {"PATH": str(tmp_path / "nowhere")})
