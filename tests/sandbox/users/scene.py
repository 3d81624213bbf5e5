"""A small move, played for real in namespaces of its own; prints what was seen as JSON.

Real are PostgreSQL, SeaweedFS, chirp from its image, the crowd and its reading back. The old site
is 127.0.0.2, the new one 127.0.0.3, on one database; a small resolver moves the name.
Run by `test_scene.py`:

    unshare --mount --net --pid ... python -m tests.sandbox.users.scene \\
      CHIRP_OCI_ARCHIVE HOST_IMAGE WEED_PROGRAM FOLDER
"""

import contextlib
import http.client
import http.server
import json
import socketserver
import ssl
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
from tests.sandbox.users.stand_ins import OLD, Holding, Question, run, running, wait_until
from tests.sandbox.users.told import USERS, answers, enough, id_of, posts

from liferaft_sandbox.lab.systems import chosen_system
from liferaft_sandbox.users.account import account_of

Running = contextlib.AbstractContextManager[None]

NAME, PORT, NEW = "chirp.test", 8443, "127.0.0.3"
RESOLVER, STORE = "127.0.0.53", "http://127.0.0.1:8333"
POSTGRES = f"/usr/lib/postgresql/{chosen_system().postgresql}/bin"
STORE_KEYS = {
    "identities": [
        {
            "name": "app",
            "credentials": [{"accessKey": "key", "secretKey": "secret"}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
    ]
}


class Scene:
    """The things on the stage."""

    def __init__(self, hosts: Path, weed: Path, folder: Path) -> None:
        self.hosts, self.weed, self.folder = hosts, weed, folder
        self.root = folder / "root"
        self.certificate, self.key = self.root / "tls.crt", self.root / "tls.key"

    def unpack(self, archive: Path) -> None:
        """The image's one layer as a folder, with the devices a container would have."""
        with tarfile.open(archive) as image:
            layer = max(image.getmembers(), key=lambda member: member.size)
        self.root.mkdir()
        script = 'tar -xOf "$1" "$2" | tar -x -C "$3"'
        run("bash", "-euo", "pipefail", "-c", script, "-", archive, layer.name, self.root)
        run("mount", "--rbind", "/dev", self.root / "dev")

    def make_certificate(self) -> None:
        run(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "1",
                "-subj",
                f"/CN={NAME}",
                "-addext",
                f"subjectAltName=DNS:{NAME}",
            ),
            *("-keyout", self.key, "-out", self.certificate),
        )
        self.key.chmod(0o644)

    def make_database(self) -> None:
        """PostgreSQL of the sandbox's host image; its data are mounted at /mnt there."""
        data = self.folder / "pg"
        data.mkdir()
        run("mount", "--bind", data, self.hosts / "mnt")
        run("mount", "--rbind", "/dev", self.hosts / "dev")
        run("chroot", self.hosts, "chown", "postgres", "/mnt")
        self.postgres("initdb", "-D", "/mnt/data", "-A", "trust", "-N", "-E", "UTF8", "--no-locale")
        self.database("start")
        self.sql("create role chirp login", "postgres")
        self.sql("create database chirp owner chirp", "postgres")

    def postgres(self, program: str, *arguments: str) -> str:
        as_postgres = ("chroot", "--userspec=postgres:postgres", self.hosts)
        return run(*as_postgres, f"{POSTGRES}/{program}", *arguments)

    def database(self, action: str) -> None:
        options = "-c listen_addresses=127.0.0.1 -k /mnt -c fsync=off"
        server = ("-D", "/mnt/data", "-w", "-m", "fast", "-o", options, "-l", "/mnt/log")
        self.postgres("pg_ctl", *server, action)

    def sql(self, statement: str, database: str = "chirp") -> str:
        return self.postgres("psql", "-qtA", "-h", "127.0.0.1", database, "-c", statement)

    def store(self) -> Running:
        """SeaweedFS opens sockets with fixed names in /tmp, so it gets one of its own."""
        (self.folder / "weed").mkdir()
        keys, program = self.folder / "s3.json", self.folder / "weed-program"
        keys.write_text(json.dumps(STORE_KEYS))
        program.touch()
        options = (
            f"-logdir={self.folder}/weed mini -dir={self.folder}/weed -ip=127.0.0.1 "
            f"-ip.bind=127.0.0.1 -master.telemetry=false -webdav=false -admin.ui=false "
            f"-s3.port=8333 -s3.config={keys} -s3.port.iceberg=0 -s3.port.lance=0"
        )
        start = f"mount --bind {self.weed} {program} && mount -t tmpfs none /tmp && exec {program}"
        log = self.folder / "weed.log"
        return running(log, "unshare", "--mount", "sh", "-c", f"{start} {options}")

    def make_bucket(self) -> None:
        client = boto3.client(
            "s3",
            endpoint_url=STORE,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )

        def made() -> bool:
            try:
                client.create_bucket(Bucket="chirp-media")
            except client.exceptions.BucketAlreadyOwnedByYou:
                return True
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                return False
            return True

        wait_until("the store takes a bucket", made)

    def application(self, address: str, site: str, epoch: int) -> Running:
        """chirp as its container runs it, with TLS of its own."""
        return running(
            self.folder / f"{site}.log",
            *("chroot", "--userspec=10001:10001", self.root, "/usr/bin/gunicorn"),
            *("--config", "python:chirp.serving", "--bind", f"{address}:{PORT}"),
            *("--certfile", "/tls.crt", "--keyfile", "/tls.key"),
            PYTHONPATH="/srv/chirp",
            LIFERAFT_SITE=site,
            LIFERAFT_EPOCH=str(epoch),
            DATABASE_URL="postgresql://chirp@127.0.0.1:5432/chirp",
            S3_ENDPOINT=STORE,
            S3_REGION="us-east-1",
            S3_BUCKET="chirp-media",
            S3_ACCESS_KEY_ID="key",
            S3_SECRET_ACCESS_KEY="secret",
            APP_SECRET_KEY="the same at both sites",
        )

    def crowd(self, out: Path) -> Running:
        return running(
            self.folder / "crowd.log",
            *(sys.executable, "-m", "liferaft_sandbox.users", "--base", f"https://{NAME}:{PORT}"),
            *("--resolvers", RESOLVER, "--ca", self.certificate, "--out", out, "--rate", "16"),
            *("--users", str(USERS)),
        )

    def read_back(self, out: Path) -> Any:
        report = self.folder / "survival.json"
        subprocess.run(
            [
                *(sys.executable, "-m", "liferaft_sandbox.users.verify"),
                *("--base", f"https://{NAME}:{PORT}", "--resolver", RESOLVER),
                *("--ca", str(self.certificate), "--answers", str(out)),
                *("--out", str(report), "--seconds", "60"),
            ],
            check=False,
            stdout=subprocess.DEVNULL,
            timeout=240,
        )
        return json.loads(report.read_text())

    @contextlib.contextmanager
    def holding_page(self) -> Iterator[None]:
        server = http.server.ThreadingHTTPServer((NEW, PORT), Holding)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def health(self, address: str) -> tuple[int, Any]:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False
        connection = http.client.HTTPSConnection(address, PORT, timeout=60, context=context)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except OSError:
            return 0, None
        finally:
            connection.close()

    def is_well(self, address: str) -> bool:
        return self.health(address)[0] == 200


def play(scene: Scene) -> dict[str, Any]:
    """The acts, one after the other."""
    out, seen = scene.folder / "users", dict[str, Any](users=USERS)
    with scene.store():
        scene.make_bucket()
        with scene.crowd(out):
            with scene.application(OLD, "old", 1):
                wait_until("the old site is well", lambda: scene.is_well(OLD))
                seen["well"] = scene.health(OLD)
                wait_until("somebody has posted", lambda: bool(posts(answers(out))))
                scene.database("stop")
                seen["without_database"] = scene.health(OLD)
                scene.database("start")
                wait_until("the old site is well again", lambda: scene.is_well(OLD))
                scene.sql("alter system set default_transaction_read_only = on")
                scene.sql("select pg_reload_conf()")

                def unwell() -> bool:
                    seen["read_only"] = scene.health(OLD)
                    return bool(seen["read_only"][0] == 503)

                wait_until("it is read-only", unwell)
                scene.sql("alter system reset default_transaction_read_only")
                scene.sql("select pg_reload_conf()")
                wait_until("the old site is well again", lambda: scene.is_well(OLD))
                wait_until("there is enough to move", lambda: enough(answers(out)))
            terminated_at = time.time()
            seen["altered"], *_, seen["lost"] = posts(answers(out))
            scene.sql(LOSE.format(post=id_of(seen["lost"])))
            scene.sql(ALTER.format(post=id_of(seen["altered"])))
            scene.sql("select setval('posts_id_seq', nextval('posts_id_seq') + 1000)")
            command_at = time.time()
            Question.address = NEW
            with scene.holding_page():
                shown = "somebody was shown the holding page"
                wait_until(shown, lambda: any(one.holding for one in answers(out)))
            seen["opened_at"] = time.time()
            with scene.application(NEW, "new", 2):
                wait_until("the new site is well", lambda: scene.is_well(NEW))
                wait_until("they write at the new site", lambda: len(posts(answers(out), NEW)) > 3)
                seen["read_back_at"] = time.time()
                seen["survival"] = scene.read_back(out)
    account = account_of(answers(out), terminated_at=terminated_at, command_at=command_at)
    seen["account"] = asdict(replace(account, acknowledged=()))
    seen["acknowledged"] = [thing.path for thing in account.acknowledged]
    seen["epochs"] = scene.sql("select distinct site, epoch from posts order by epoch")
    return seen


"""So few, since the application hashes each new password and a user waits for 3 s at most."""
LOSE = "delete from posts where id = {post}"
ALTER = "update posts set content = 'not what was said' where id = {post}"


def main() -> None:
    archive, hosts, weed, folder = (Path(argument) for argument in sys.argv[1:])
    run("ip", "link", "set", "lo", "up")
    threading.Thread(
        target=socketserver.ThreadingUDPServer((RESOLVER, 53), Question).serve_forever, daemon=True
    ).start()
    scene = Scene(hosts, weed, folder)
    scene.unpack(archive)
    scene.make_certificate()
    scene.make_database()
    try:
        seen = play(scene)
    finally:
        scene.database("stop")
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
