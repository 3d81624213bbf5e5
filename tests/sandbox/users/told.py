"""What the crowd of a scene has told so far."""

from pathlib import Path

from tests.sandbox.users.stand_ins import OLD

from liferaft_sandbox.users.records import FILE_NAME, Answer, Kind, answers_in

USERS, ENOUGH = 4, 30


def answers(out: Path) -> list[Answer]:
    """What the crowd has written down so far."""
    return answers_in(out) if (out / FILE_NAME).exists() else []


def posts(told: list[Answer], address: str = OLD) -> list[str]:
    """Posts without pictures that one site has promised to keep, in the order of its answers."""
    plain = [one for one in told if one.kind is Kind.WRITE and one.address == address]
    paths = [written.path for one in plain for written in one.written]
    return [path for path in paths if path.startswith("/posts/")]


def enough(told: list[Answer]) -> bool:
    """Everybody has come in, and there are posts and pictures."""
    promised = [written.path for one in told for written in one.written]
    people = sum(path.startswith("/@") for path in promised)
    pictures = any(path.startswith("/media/") for path in promised)
    return people == USERS and len(promised) > ENOUGH and pictures and len(posts(told)) > 1


def id_of(post: str) -> int:
    return int(post.removeprefix("/posts/"))
