"""The Pulumi CLI on this machine."""

from pathlib import Path

from liferaft.provision.engine.cli.executable import executable


def test_where_no_cli_is_none_is_found(tmp_path: Path) -> None:
    assert executable({"PATH": str(tmp_path / "nowhere")}) is None
