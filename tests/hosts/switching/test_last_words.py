"""What containers said last, as far as it may be shown."""

from pathlib import Path

from liferaft.hosts.switching.last_words import LINE, fit


def told(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_what_containers_were_told_before_is_struck_out_of_their_last_words(tmp_path: Path) -> None:
    before = told(tmp_path, app_env="KEY=mush-mush\nPORT=80\n", environment_web="TOKEN=rust-rust\n")
    said = fit("mush-mush and rust-rust at port 80\n", before)
    assert said == "[KEY] and [TOKEN] at port 80\n", "a short value tells nothing"


def test_of_a_value_within_another_the_longer_is_struck_out_first(tmp_path: Path) -> None:
    before = told(tmp_path, app_env="USER=mush\nURL=https://mush:rust@db\n")
    assert fit("cannot reach https://mush:rust@db as mush\n", before) == (
        "cannot reach [URL] as [USER]\n"
    )


def test_a_dump_is_left_out_whole(tmp_path: Path) -> None:
    """In a part of a line nobody would recognise the half of a secret."""
    assert fit(f"first\n{'x' * LINE}\nlast\n", tmp_path) == (
        f"first\n(a line of {LINE + 1} characters)\nlast\n"
    )
