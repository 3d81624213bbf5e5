"""The application, put together."""

import logging
import os
from datetime import timedelta
from typing import Any

from flask import Flask, render_template

from . import images, visits
from .bucket import Bucket
from .database import Database
from .pages import LARGEST_ID, Pages
from .settings import Settings, settings_from
from .unavailable import Unavailable

log = logging.getLogger("gunicorn.error")

SORRY = {
    403: "This form is too old. Go back, reload the page and send it again.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    413: "That is too large: a picture has at most 5 MB.",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def application() -> Any:
    """The WSGI application that the process's environment describes; what gunicorn calls."""
    return application_with(settings_from(os.environ))


def application_with(settings: Settings) -> Any:
    """The WSGI application for one site. Talks to nobody before the first request."""
    app = Flask(__package__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-chirp",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,  # no cookie beside a picture that caches may keep
        MAX_CONTENT_LENGTH=images.MOST_BYTES + 64 * 1024,
    )
    app.before_request(visits.refuse_forged_forms)
    app.after_request(_with_headers)
    app.add_template_global(visits.csrf_token)
    database, bucket = Database(settings.database_url), Bucket(settings.bucket)
    _route(app, Pages(database, bucket, settings.site, settings.epoch))
    for code, why in SORRY.items():
        app.register_error_handler(code, _sorry(code, why))
    app.register_error_handler(Unavailable, _unavailable)
    return app


def _route(app: Any, pages: Pages) -> None:
    for rule, view in (
        ("/healthz", pages.healthz),
        ("/", pages.timeline),
        ("/@<name>", pages.person),
        (f"/posts/<int(max={LARGEST_ID}):post_id>", pages.post),
        ("/media/<key>", pages.media),
        ("/signup", pages.sign_up_form),
        ("/login", pages.log_in_form),
    ):
        app.add_url_rule(rule, view.__name__, view, methods=["GET"])
    for rule, view in (
        ("/posts", pages.write_post),
        ("/signup", pages.sign_up),
        ("/login", pages.log_in),
        ("/logout", pages.log_out),
    ):
        app.add_url_rule(rule, view.__name__, view, methods=["POST"])


def _with_headers(answer: Any) -> Any:
    answer.headers.update(HEADERS)
    if "Cache-Control" not in answer.headers and answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"  # pages differ by visitor
    return answer


def _sorry(code: int, why: str) -> Any:
    def answer(_error: Exception) -> Any:
        return render_template("sorry.html", visitor=None, code=code, why=why), code

    return answer


def _unavailable(error: Unavailable) -> Any:
    log.warning("503: %s", error.for_the_log())
    why = "Something behind this page is away. It is being looked after; try again in a moment."
    return render_template("sorry.html", visitor=None, code=503, why=why), 503
