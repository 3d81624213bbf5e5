"""People's accounts."""

import re
from dataclasses import dataclass

from . import passwords
from .rows import Rows

NAME = re.compile(r"[a-z0-9_]{2,24}")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256


@dataclass(frozen=True)
class User:
    """Somebody with an account."""

    id: int
    name: str


def objection_to(name: str, password: str) -> str | None:
    """What is wrong with these as a new account, in words for the person; None if nothing is."""
    if not NAME.fullmatch(name):
        return "A name has 2 to 24 small letters, digits or underscores."
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
    return None


def sign_up(rows: Rows, name: str, password: str) -> User | None:
    """A new account, or None if the name is taken."""
    rows.execute(
        "insert into users (name, password) values (%s, %s) on conflict do nothing returning id",
        (name, passwords.hashed(password)),
    )
    row = rows.first()
    return User(row[0], name) if row else None


def log_in(rows: Rows, name: str, password: str) -> User | None:
    """The account with this name and password, if there is one."""
    rows.execute("select id, password from users where name = %s", (name,))
    row = rows.first()
    if row is None:
        passwords.hashed(password)  # so that the answer's time tells nobody which names exist
        return None
    return User(row[0], name) if passwords.matches(password, row[1]) else None


def user_with_id(rows: Rows, user_id: int) -> User | None:
    """The account with this id, if there is one."""
    rows.execute("select id, name from users where id = %s", (user_id,))
    row = rows.first()
    return User(*row) if row else None


def user_named(rows: Rows, name: str) -> User | None:
    """The account with this name, if there is one."""
    rows.execute("select id, name from users where name = %s", (name,))
    row = rows.first()
    return User(*row) if row else None
