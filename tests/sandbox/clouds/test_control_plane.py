"""The flags, seeds and logs that all simulated control planes share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from liferaft_sandbox.clouds.aws.__main__ import app as aws
from liferaft_sandbox.clouds.control_plane import AccessLog, Flags, parse_flags
from liferaft_sandbox.clouds.hetzner.__main__ import app as hetzner

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

ARGV = ["--listen", "192.0.2.10:80", "--supervisor", "s", "--log", "l", "--seed-credentials", "c"]


def test_flags_say_where_to_listen_and_whom_to_ask() -> None:
    flags = parse_flags("liferaft_sandbox.clouds.aws", ARGV)
    assert flags == Flags("192.0.2.10", 80, Path("s"), Path("l"), Path("c"))


def test_a_wrong_address_ends_with_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_flags("liferaft_sandbox.clouds.aws", ["--listen", "nowhere", *ARGV[2:]])
    assert "ADDR:PORT" in capsys.readouterr().err


def test_the_log_has_one_line_for_each_request(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "access.log")
    for status in (200, 403):
        log.write(
            key="AKIA",
            service="ec2",
            operation="DescribeVpcs",
            status=status,
            user_agent='a "quoted" agent',
            request_id="r-1",
        )
    rows = [json.loads(line) for line in (tmp_path / "access.log").read_text().splitlines()]
    assert [row["status"] for row in rows] == [200, 403]
    assert set(rows[0]) == {
        *("time", "key", "service", "operation", "status", "user_agent", "request_id")
    }


@pytest.mark.parametrize(
    ("app", "seed", "authorization"),
    [
        (
            aws,
            {"access_keys": [{"access_key_id": "AKIASEEDED", "secret_access_key": "s"}]},
            "AWS4-HMAC-SHA256 Credential=AKIASEEDED/20261122/us-east-1/sts/aws4_request, S=0",
        ),
        (hetzner, {"tokens": ["seeded"]}, "Bearer seeded"),
    ],
)
def test_the_seeded_credentials_open_the_account(
    tmp_path: Path,
    app: Callable[[Flags], WSGIApplication],
    seed: dict[str, object],
    authorization: str,
) -> None:
    (tmp_path / "seed").write_text(json.dumps(seed))
    client = Client(
        app(Flags("", 0, tmp_path / "no.sock", tmp_path / "access.log", tmp_path / "seed"))
    )
    headers = {"Authorization": authorization}
    if app is aws:
        form = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
        assert client.post("/", data=form, headers=headers).status_code == 200
    else:
        assert client.get("/v1/locations", headers=headers).status_code == 200
    assert client.get("/v1/locations").status_code in {401, 403}
    assert client.get("/_sandbox/suspend").status_code == 404
