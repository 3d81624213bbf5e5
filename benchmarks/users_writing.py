"""Users of an application: each stores an object and then the row that names it.

`python -m benchmarks.users_writing HOST OUT EVERY USERS KEYS`: what was acknowledged is a line of
OUT.NUMBER at once, so that whatever is ended says how far it was. EVERY: seconds between two writes
of one user. KEYS: a file of JSON with the store's url, keys and authority, and the password of the
database.
"""

import json
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

INSERT: Final = """
insert into uploads (object_key, said) values (nullif(:'key', ''), repeat(md5(random()::text), 60))
returning id;
select pg_current_wal_flush_lsn();
"""
OBJECT_EACH: Final = 5
"""Of a user's writes one in so many brings an object, where there are many users."""
PSQL: Final = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d")


def write(out: Path, keys: Any, *, every: float, each: int) -> None:
    """Until it is ended, or the database is. each: one in so many brings an object."""
    s3 = boto3.Session().client(  # one for each thread: making them is not safe for several
        "s3",
        endpoint_url=keys["url"],
        region_name="us-east-1",
        aws_access_key_id=keys["key"],
        aws_secret_access_key=keys["secret"],
        verify=keys["ca"],
        config=Config(s3={"addressing_style": "path"}),
    )
    place = f"host={keys['host']} user=chirp dbname=chirp password={keys['password']}"
    with (
        subprocess.Popen(
            [*PSQL, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as psql,
        out.open("a", buffering=1) as acknowledged,
    ):
        assert psql.stdin is not None
        assert psql.stdout is not None
        turn = 0
        while True:
            turn += 1
            key = ""
            if turn % each == 0:
                key = f"photos/{uuid.uuid4()}.jpg"
                s3.put_object(Bucket="old-media", Key=key, Body=key.encode() * 500)
            stored = time.time()
            psql.stdin.write(f"\\set key '{key}'\n{INSERT}")
            row, lsn = psql.stdout.readline().strip(), psql.stdout.readline().strip()
            if not lsn:
                return
            told = {"id": int(row), "lsn": lsn, "at": time.time(), "stored": stored, "key": key}
            acknowledged.write(json.dumps(told) + "\n")
            time.sleep(every)


def main(host: str, out: str, every: str, users: str, keys: str) -> None:
    known = {**json.loads(Path(keys).read_text()), "host": host}
    pace = {"every": float(every), "each": OBJECT_EACH if int(users) > 1 else 1}
    threads = [
        threading.Thread(target=write, args=(Path(f"{out}.{number}"), known), kwargs=pace)
        for number in range(int(users))
    ]
    for one in threads:
        one.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
