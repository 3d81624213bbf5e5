"""What each address answers."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import (
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
)

from . import accounts, images, posts, visits
from .bucket import Bucket
from .database import Database
from .images import Image
from .unavailable import Unavailable

log = logging.getLogger("gunicorn.error")

SEE_OTHER = 303
LARGEST_ID = 2**63 - 1
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Pages:
    """The views. One request is one transaction; its answer leaves after the commit."""

    database: Database
    bucket: Bucket
    site: str
    epoch: int

    def healthz(self) -> Any:
        """200 while posts can be read and written, else 503; never cached."""
        try:
            self.database.check_writable()
        except Unavailable as error:
            log.warning("unwell: %s", error.for_the_log())
            return self._health(503, status="unavailable", reason=str(error))
        return self._health(200, status="ok")

    def timeline(self) -> Any:
        """The newest posts, or those before `?before=<id>`."""
        before = _before()
        with self.database.transaction() as rows:
            visitor = visits.visitor(rows)
            page = posts.timeline(rows, before=before)
        return render_template("timeline.html", visitor=visitor, page=page, longest=posts.LONGEST)

    def person(self, name: str) -> Any:
        """One person's posts."""
        before = _before()
        with self.database.transaction() as rows:
            visitor = visits.visitor(rows)
            person = accounts.user_named(rows, name)
            if person is None:
                return abort(404)
            page = posts.timeline_of(rows, person, before=before)
        return render_template("person.html", visitor=visitor, person=person, page=page)

    def post(self, post_id: int) -> Any:
        """One post."""
        with self.database.transaction() as rows:
            visitor = visits.visitor(rows)
            post = posts.post_with(rows, post_id)
        if post is None:
            abort(404)
        return render_template("post.html", visitor=visitor, post=post)

    def write_post(self) -> Any:
        """A new post, with a picture or without.

        The picture goes to the bucket first: a post never shows what is not there. A picture
        whose post then fails stays behind unseen.
        """
        content = _text("content")
        if not 0 < len(content) <= posts.LONGEST:
            return self._refused(f"A post has 1 to {posts.LONGEST} characters.")
        sent = request.files.get("image")
        image = images.recognised(sent.read()) if sent and sent.filename else None
        if sent and sent.filename and (image is None or len(image.content) > images.MOST_BYTES):
            return self._refused("A picture is a PNG, JPEG, GIF or WebP of at most 5 MB.")
        with self.database.transaction() as rows:
            author = visits.visitor(rows)
            if author is None:
                return redirect("/login", SEE_OTHER)
            if image:
                self.bucket.put(image)
            post_id = self._write(rows, author, content, image)
        return redirect(f"/posts/{post_id}", SEE_OTHER)

    def media(self, key: str) -> Any:
        """A picture, from the bucket; a key is its content's digest, so it may be kept for ever."""
        content = self.bucket.get(key) if images.is_key(key) else None
        if content is None:
            abort(404)
        kept = {"Cache-Control": FOR_EVER}
        return Response(content, mimetype=images.content_type_of(key), headers=kept)

    def sign_up_form(self) -> Any:
        """The form for a new account."""
        return render_template("enter.html", visitor=None, new=True)

    def sign_up(self) -> Any:
        """A new account, logged in."""
        name, password = self._credentials()
        objection = accounts.objection_to(name, password)
        if objection:
            return self._refused(objection)
        with self.database.transaction() as rows:
            user = accounts.sign_up(rows, name, password)
        if user is None:
            return self._refused("That name is taken.", 409)
        visits.begin(user)
        return redirect(f"/@{user.name}", SEE_OTHER)

    def log_in_form(self) -> Any:
        """The form for people who have an account."""
        return render_template("enter.html", visitor=None, new=False)

    def log_in(self) -> Any:
        """The session becomes the account's."""
        with self.database.transaction() as rows:
            user = accounts.log_in(rows, *self._credentials())
        if user is None:
            return self._refused("No account has this name and password.", 401)
        visits.begin(user)
        return redirect("/", SEE_OTHER)

    def log_out(self) -> Any:
        """The session becomes nobody's."""
        visits.end()
        return redirect("/", SEE_OTHER)

    def _write(self, rows: Any, author: Any, content: str, image: Image | None) -> int:
        post_id = posts.write(rows, author, content, site=self.site, epoch=self.epoch)
        if image:
            posts.attach(rows, post_id, image, _text("description")[:200])
        return post_id

    def _health(self, code: int, **facts: str) -> Any:
        answer = jsonify(site=self.site, epoch=self.epoch, **facts)
        answer.status_code = code
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @staticmethod
    def _credentials() -> tuple[str, str]:
        name = request.form.get("name", "").strip().lower()
        return name, request.form.get("password", "")[: accounts.LONGEST_PASSWORD + 1]

    @staticmethod
    def _refused(why: str, code: int = 400) -> Any:
        return render_template("sorry.html", visitor=None, code=code, why=why), code


def _before() -> int | None:
    """The id that `?before=` names; None for none and for nonsense."""
    before: int | None = request.args.get("before", type=int)
    return None if before is None else max(0, min(before, LARGEST_ID))


def _text(field: str) -> str:
    """A form's text as it is stored: unix line ends, no space around it, no NUL (SQL has none)."""
    sent: str = request.form.get(field, "")
    return sent.replace("\r\n", "\n").replace("\0", "").strip()
