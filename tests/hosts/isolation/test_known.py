"""What servers ask for by themselves is told apart from what the application does."""

import pytest

from liferaft.hosts.isolation.known import reason


@pytest.mark.parametrize(
    ("asked", "how", "port", "by", "why"),
    [
        ("deb.debian.org", "A", None, "apt-daily.service", "apt"),
        ("192.0.2.1", "tcp", 80, "apt-daily-upgrade.service", "apt"),
        ("2.debian.pool.ntp.org", "AAAA", None, "systemd-timesyncd.service", "the clock"),
        ("192.0.2.1", "udp", 123, "user 104", "the clock"),
        ("acme-v02.api.letsencrypt.org", "A", None, "caddy.service", "Caddy's certificates"),
        ("ping.vendor.example", "A", None, "liferaft-points.service", "liferaft"),
        (
            *("192.0.2.53", "udp", 53, "ssh.service"),
            "a question from before the server was shut",
        ),
    ],
)
def test_what_the_system_does_by_itself_is_known(
    asked: str, how: str, port: int | None, by: str, why: str
) -> None:
    assert reason(asked, how, port, by) == why


@pytest.mark.parametrize(
    ("asked", "how", "port", "by"),
    [
        ("deb.debian.org", "A", None, "container app_web_1"),
        ("192.0.2.1", "udp", 123, "container app_web_1"),
        ("192.0.2.53", "udp", 53, "container app_web_1"),
        ("mail.vendor.example", "A", None, "liferaft-workload.service"),
        ("mail.vendor.example", "MX", None, "nightly.service"),
        ("mail.vendor.example", "A", None, ""),
        ("192.0.2.1", "tcp", 123, "user 33"),
    ],
)
def test_what_the_application_does_is_never_taken_for_the_systems_own(
    asked: str, how: str, port: int | None, by: str
) -> None:
    assert reason(asked, how, port, by) == ""
