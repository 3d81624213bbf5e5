"""Who is at the other end: the signed session cookie, and the token that every form must carry."""

import hmac
import secrets

from flask import abort, request, session

from . import accounts
from .accounts import User
from .rows import Rows


def begin(user: User) -> None:
    """From the next request on this browser is `user`'s. Nothing of an earlier session stays."""
    session.clear()
    session.permanent = True
    session["user"] = user.id


def end() -> None:
    """From the next request on this browser is nobody's."""
    session.clear()


def visitor(rows: Rows) -> User | None:
    """Who is logged in. An account that the database no longer knows is logged out."""
    user_id = session.get("user")
    return accounts.user_with_id(rows, user_id) if user_id is not None else None


def csrf_token() -> str:
    """This session's token for forms, made when first asked for."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(24))
    return token


def refuse_forged_forms() -> None:
    """Before each request: a form without this session's token is answered with 403."""
    if request.method == "POST":
        expected, given = session.get("csrf", ""), request.form.get("csrf", "")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            abort(403)
