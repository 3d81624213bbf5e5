"""Ports that are open to everybody, as liferaft.toml names them."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from liferaft.config.public_ports import PublicPort, numbers

READ = TypeAdapter(PublicPort).validate_python


@pytest.mark.parametrize(
    ("written", "port"),
    [
        (2222, "2222/tcp"),
        ("2222", "2222/tcp"),
        ("5349/udp", "5349/udp"),
        ("5000-5010/udp", "5000-5010/udp"),
        ("80/udp", "80/udp"),
    ],
)
def test_a_port_is_a_number_a_range_and_a_protocol(written: Any, port: str) -> None:
    assert READ(written) == port


@pytest.mark.parametrize(
    "written", [0, 65536, True, "http", "1-2-3", "9-8", "7/icmp", "²2", -1, 1.5, None]
)
def test_what_is_none_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="is no port"):
        READ(written)


@pytest.mark.parametrize("written", [22, "20-30", 80, "443/udp", 5432, "8000-9000", 2019])
def test_what_is_somebody_elses_is_never_opened(written: Any) -> None:
    with pytest.raises(ValidationError, match=r"port \d+ is "):
        READ(written)


def test_its_numbers_are_told() -> None:
    assert numbers("5000-5010/udp") == (range(5000, 5011), "udp")
    assert numbers("2222/tcp") == (range(2222, 2223), "tcp")
