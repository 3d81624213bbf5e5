"""chirp, a small microblog: people sign up, post, show pictures and read a timeline.

It runs from Debian's own packages (Flask 2.2, gunicorn 20, psycopg2, botocore) inside the image
that `liferaft_stacks.microblog.image` builds, where this folder is the package `chirp`. Nothing
here knows a cloud: what differs between sites comes from the environment (`settings`).

What a client may rely on:
- `POST /posts` answers 303 with `Location: /posts/<id>` only after the post is committed, and its
  picture, if one came along, is in the bucket before that. The picture is then at
  `/media/<sha256 of its bytes>.<png|jpg|gif|webp>`.
- `POST /signup` answers 303 with `Location: /@<name>` only after the account is committed.
- Every page about one thing has one element with the attribute `data-content`: its text is what
  was sent, without white space around it. Posts say in `data-site` and `data-epoch` where they
  were written.
- An id that was ever given out is never given to something else.
- Every form carries a hidden field `csrf`; it stays the same for as long as the session does.
- 503 means: not done, as far as anybody can tell; ask again.
"""
