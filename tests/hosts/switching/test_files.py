"""What lies in a folder of the workload's files."""

from pathlib import Path

from liferaft.hosts.switching.files import contents, epoch_of, services, told


def test_the_epoch_is_the_line_of_the_variables_that_names_it(tmp_path: Path) -> None:
    assert epoch_of(tmp_path) == ""
    (tmp_path / "app.env").write_text("LIFERAFT_SITE=east\nLIFERAFT_EPOCH=3\nX=LIFERAFT_EPOCH=4\n")
    assert epoch_of(tmp_path) == "LIFERAFT_EPOCH=3"


def test_a_value_may_hold_what_separates_it_from_its_name(tmp_path: Path) -> None:
    (tmp_path / "environment.web").write_text("QUERY=a=b=c\nEMPTY=\n")
    assert told(tmp_path) == [("QUERY", "a=b=c"), ("EMPTY", "")]


def test_folders_are_none_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: chirp:1\n")
    (tmp_path / "deep").mkdir()
    assert contents(tmp_path).keys() == {"compose.yaml"}
    assert services(tmp_path) == {"web": {"image": "chirp:1"}}
