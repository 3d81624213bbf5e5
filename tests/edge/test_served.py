"""The certificate that users are shown is read, whether or not their programs would take it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.moves.actions.test_prove import LOOPBACK, NAME, Authority, Server, served

from liferaft.edge.served import served_certificate, users_trust
from liferaft.failures import BadInput


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with served(authority.context_for(NAME)) as running:
        yield running


def test_one_that_users_take_says_from_when_to_when_it_is_good(
    server: Server, authority: Authority
) -> None:
    seen = served_certificate(LOOPBACK, NAME, authority.file, port=server.server_port)
    assert seen.fault is None
    assert seen.begins < datetime.now(UTC) < seen.ends
    assert seen.ends - seen.begins == timedelta(hours=2)


def test_one_that_users_refuse_is_read_all_the_same_and_says_why(server: Server) -> None:
    seen = served_certificate(LOOPBACK, NAME, None, port=server.server_port)
    assert seen.fault is not None
    assert seen.ends > datetime.now(UTC)


def test_one_for_another_name_is_refused(server: Server, authority: Authority) -> None:
    seen = served_certificate(LOOPBACK, "other.test", authority.file, port=server.server_port)
    assert "other.test" in (seen.fault or "")


def test_nobody_at_the_address_is_no_certificate() -> None:
    with pytest.raises(OSError, match="refused"):
        served_certificate(LOOPBACK, NAME, None, port=9)


def test_an_authority_that_is_none_is_told_with_what_to_correct(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("none")
    with pytest.raises(BadInput, match="cannot be used") as refusal:
        users_trust(tmp_path / "ca.crt")
    assert "tls.ca_file" in refusal.value.facts.do
