"""Everything that a Compose file names of other files is read with it."""

from pathlib import Path

import pytest

from liferaft.compose.application import read
from liferaft.compose.findings import ComposeInvalid


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / "compose.yaml"


def test_variables_come_from_the_file_beside_and_never_from_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAG", "of-the-shell")
    text = "services: {web: {image: 'a:${TAG}', environment: [TAG]}}"
    path = lay(tmp_path, {"compose.yaml": text, ".env": "TAG=1.2\n"})
    web = read(path).services["web"]
    assert (web.image, web.environment) == ("a:1.2", (("TAG", "1.2"),))
    (tmp_path / ".env").unlink()
    with pytest.raises(ComposeInvalid) as caught:
        read(path)
    assert "TAG is set nowhere" in str(caught.value)
    assert "TAG=… in .env" in str(caught.value)


def test_a_file_of_variables_that_nobody_asks_is_not_even_opened(tmp_path: Path) -> None:
    files = {"compose.yaml": "services: {web: {image: a}}", ".env": "not for (Compose)\n"}
    assert tmp_path / ".env" not in read(lay(tmp_path, files)).sources


def test_files_over_each_other_are_one(tmp_path: Path) -> None:
    path = lay(
        tmp_path,
        {
            "compose.yaml": "services: {web: {image: 'a:1', environment: {A: x}}}",
            "more.yaml": "services: {web: {environment: {B: y}}, worker: {image: 'b:1'}}",
        },
    )
    both = read(path, [tmp_path / "more.yaml"])
    assert both.services["web"].environment == (("A", "x"), ("B", "y"))
    assert both.services["worker"].image == "b:1"
    assert both.sources == (path, tmp_path / "more.yaml")


def test_a_service_is_extended_from_another_file_whose_paths_begin_there(tmp_path: Path) -> None:
    path = lay(
        tmp_path,
        {
            "compose.yaml": "services: {w: {extends: {file: base/b.yaml, service: z}, init: true}}",
            "base/b.yaml": "services: {z: {extends: root, env_file: a.env}, root: {image: a}}",
            "base/a.env": "A=x\n",
        },
    )
    web = read(path).services["w"]
    assert (web.image, web.init, web.environment) == ("a:latest", True, (("A", "x"),))


def test_what_is_included_brings_its_own_variables_and_paths(tmp_path: Path) -> None:
    path = lay(
        tmp_path,
        {
            "compose.yaml": "include: [other/c.yaml]\nservices: {web: {image: 'a:1'}}",
            "other/c.yaml": "services: {cache: {image: 'r:${TAG}', env_file: [e.env]}}",
            "other/.env": "TAG=7\n",
            "other/e.env": "A=x\n",
        },
    )
    found = read(path)
    assert found.services["cache"].image == "r:7"
    names = {source.relative_to(tmp_path).as_posix() for source in found.sources}
    assert names == {"compose.yaml", "other/c.yaml", "other/.env", "other/e.env"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"compose.yaml": "include: [no.yaml]\nservices: {a: {image: b}}"}, "not there"),
        ({"compose.yaml": "services: {a: {extends: a, image: b}}"}, "extends itself"),
        ({"compose.yaml": "services: {a: {extends: {service: z}, image: b}}"}, "no service 'z'"),
        ({"compose.yaml": "services: {a: {extends: {file: z.yaml, service: z}, image: b}}"},
         "z.yaml line 1: cannot be read"),
        ({"compose.yaml": "include: [compose.yaml]\nservices: {a: {image: b}}"}, "10 deep"),
        ({"compose.yaml": "include: [b.yaml]\nservices: {a: {image: b}}",
          "b.yaml": "services: {a: {image: c}}"}, "says something else"),
        ({"compose.yaml": "services: {a: {image: '$A'}}", ".env": "A=1\nno thing\n"},
         ".env line 2: 'no thing' sets no variable"),
        ({"compose.yaml": "services: {a: {image: b, env_file: e.env}}", "e.env": "A='x\n"},
         "line 1 of e.env: a ' is not closed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_with_it_is_told(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    with pytest.raises(ComposeInvalid) as caught:
        read(lay(tmp_path, files))
    assert reason in str(caught.value)
