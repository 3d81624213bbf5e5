"""Posts, and the pages of them that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .accounts import User
from .images import Image
from .rows import Row, Rows

LONGEST = 500
PAGE = 20


@dataclass(frozen=True)
class Post:
    """What one person said at one moment, and where the application lived then."""

    id: int
    author: str
    content: str
    site: str
    epoch: int
    created_at: datetime
    image_key: str | None
    image_description: str | None


@dataclass(frozen=True)
class Page:
    """Some posts, the newest first; `older` is the id to go on before, None at the end."""

    posts: tuple[Post, ...]
    older: int | None


def write(rows: Rows, author: User, content: str, *, site: str, epoch: int) -> int:
    """The id of the new post."""
    rows.execute(
        "insert into posts (user_id, content, site, epoch) values (%s, %s, %s, %s) returning id",
        (author.id, content, site, epoch),
    )
    post_id: int = rows.only()[0]
    return post_id


def attach(rows: Rows, post_id: int, image: Image, description: str) -> None:
    """Show `image` with the post. The object must be in the bucket already."""
    rows.execute(
        "insert into uploads (post_id, object_key, sha256, size, description)"
        " values (%s, %s, %s, %s, %s)",
        (post_id, image.key, image.sha256, len(image.content), description),
    )


def post_with(rows: Rows, post_id: int) -> Post | None:
    """The post with this id, if there is one."""
    rows.execute("select * from shown_posts where id = %s", (post_id,))
    row = rows.first()
    return _post(row) if row else None


def timeline(rows: Rows, *, before: int | None) -> Page:
    """Everybody's posts older than the id `before`; from the newest if that is None."""
    rows.execute(
        "select * from shown_posts where %s::bigint is null or id < %s order by id desc limit %s",
        (before, before, PAGE + 1),
    )
    return _page(rows.all())


def timeline_of(rows: Rows, author: User, *, before: int | None) -> Page:
    """One person's posts, paged as in `timeline`."""
    rows.execute(
        "select * from shown_posts where user_id = %s and (%s::bigint is null or id < %s)"
        " order by id desc limit %s",
        (author.id, before, before, PAGE + 1),
    )
    return _page(rows.all())


def _page(rows: Sequence[Row]) -> Page:
    posts = tuple(_post(row) for row in rows[:PAGE])
    return Page(posts, posts[-1].id if len(rows) > PAGE else None)


def _post(row: Row) -> Post:
    """The view's columns in the view's order (`schema`), without the author's id at its end."""
    return Post(*row[:-1])
