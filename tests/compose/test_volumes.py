"""Every volume is data or declared ephemeral: what an application writes is not lost in silence."""

from pathlib import Path

from liferaft.compose.application import parse
from liferaft.compose.volumes import undeclared, unknown

TEXT = """\
services:
  web:
    image: a:1
    volumes:
      - uploads:/uploads
      - ./cache:/cache
      - /etc/liferaft/ca.crt:/etc/liferaft/ca.crt:ro
      - /srv/media:/media
      - type: tmpfs
        target: /tmp
  worker:
    image: a:1
    volumes: [uploads:/uploads, /scratch]
volumes: {uploads: }
"""

NAMES = ("uploads", "./cache", "/srv/media", "worker:/scratch")


def test_each_volume_that_is_neither_is_told_once_with_its_line_and_a_way_out() -> None:
    volumes = parse(TEXT, Path("compose.yaml")).volumes
    found = list(undeclared(volumes, ()))
    assert [(one.problem.line, one.problem.reason.partition(" is ")[0]) for one in found] == [
        (5, "'uploads'"),
        (6, "'./cache'"),
        (8, "'/srv/media'"),
        (13, "'worker:/scratch'"),
    ]
    assert all("under [volumes]" in one.problem.valid for one in found)
    kept = [
        f'volume = "{name}"' in one.problem.valid for name, one in zip(NAMES, found, strict=True)
    ]
    assert kept == [True, True, False, False], "what podman keeps under a name can be data"


def test_what_is_declared_ephemeral_is_not_told() -> None:
    volumes = parse(TEXT, Path("compose.yaml")).volumes
    declared = ["uploads", "./cache", "/srv/media", "worker:/scratch"]
    assert list(undeclared(volumes, declared)) == []
    assert unknown(volumes, [*declared, "upload"]) == ("upload",)
