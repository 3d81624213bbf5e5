"""The tables, as an append-only list of steps; the number of steps applied is in the database."""

from .rows import Rows

LOCK = 0x6368697270  # "chirp": processes that start together bring the schema up one by one

STEPS = (
    """
    create table users (
        id bigserial primary key,
        name text not null unique,
        password text not null,
        created_at timestamptz not null default now()
    )
    """,
    """
    create table posts (
        id bigserial primary key,
        user_id bigint not null references users,
        content text not null,
        site text not null,
        epoch bigint not null,
        created_at timestamptz not null default now()
    )
    """,
    "create index posts_by_user on posts (user_id, id desc)",
    """
    create table uploads (
        post_id bigint primary key references posts,
        object_key text not null,
        sha256 text not null,
        size bigint not null,
        description text not null
    )
    """,
    """
    create view shown_posts as
    select posts.id, users.name, content, site, epoch, posts.created_at, object_key, description,
           user_id
    from posts join users on users.id = user_id left join uploads on post_id = posts.id
    """,
)


def bring_up(rows: Rows) -> None:
    """Apply the steps that are missing; idempotent, and safe while others do the same.

    The caller's transaction holds the lock until it ends, so a step is applied once or not at all.
    """
    rows.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
    rows.execute("create table if not exists schema_steps (number integer primary key)")
    rows.execute("select coalesce(max(number), 0) from schema_steps")
    (applied,) = rows.only()
    for number, step in enumerate(STEPS[applied:], start=applied + 1):
        rows.execute(step)
        rows.execute("insert into schema_steps values (%s)", (number,))
