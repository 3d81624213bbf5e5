"""The Caddyfile as text; `test_proxy` runs it."""

from dataclasses import replace
from typing import Any

import pytest

from liferaft.edge.caddyfile import Edge, caddyfile, health_path
from liferaft.edge.proxy import FIRST_LINE
from liferaft.failures import BadInput

EDGE = Edge("chirp.test", "ops@chirp.test", "https://ca.test/acme/directory")


def test_a_public_certificate_authority_needs_no_root() -> None:
    assert "acme_ca_root" not in caddyfile(EDGE)
    private = replace(EDGE, ca_root="PEM")
    assert f"acme_ca_root {private.ca_root_path}\n" in caddyfile(private)
    assert caddyfile(private).startswith(FIRST_LINE)
    staging = replace(EDGE, users_root="PEM")
    assert "acme_ca_root" not in caddyfile(staging)


def test_one_app_server_is_not_tried_again_so_the_holding_page_comes_at_once() -> None:
    assert "lb_try_duration" not in caddyfile(EDGE)


TWO = replace(EDGE, upstreams=("10.0.0.2:8080", "10.0.0.3:8080"))


def test_several_app_servers_share_the_load() -> None:
    text = caddyfile(TWO)
    assert "reverse_proxy 10.0.0.2:8080 10.0.0.3:8080 {" in text
    assert "lb_policy least_conn" in text


def test_a_request_is_tried_for_longer_than_a_server_is_left_out_for_its_last_failure() -> None:
    """Else one failure of each server at one time would be an outage."""
    told = dict(line.split()[:2] for line in caddyfile(TWO).splitlines() if len(line.split()) > 1)
    left_out, tried, connects = (
        _seconds(told[key]) for key in ("fail_duration", "lb_try_duration", "dial_timeout")
    )
    assert connects + _seconds(told["health_interval"]) < left_out < tried
    assert int(told["max_fails"]) == 1, "else a retry would be led to the same dead server"


def test_what_may_have_changed_something_already_is_not_sent_to_another_server() -> None:
    again = caddyfile(TWO).partition("lb_retry_match {")[2].partition("}")[0].split()
    assert again == ["method", "GET", "HEAD", "OPTIONS"]


def test_what_is_no_question_is_sent_to_one_server_and_to_no_other() -> None:
    """Caddy 2.6.2 has closed its body by then, and would leave out the next server for that."""
    questions, _, others = caddyfile(TWO).partition("\thandle {\n")
    assert "lb_try_duration" in questions.partition("handle @again {")[2]
    others = others.partition("handle_errors")[0]
    assert "reverse_proxy" in others
    assert "lb_try" not in others


def test_one_app_server_keeps_its_connections_and_is_never_left_out() -> None:
    text = caddyfile(EDGE)
    assert not {"fail_duration", "keepalive", "lb_retry_match"} & set(text.split())


def _seconds(told: str) -> float:
    return float(told[:-2]) / 1000 if told.endswith("ms") else float(told[:-1])


def test_the_domain_is_served_and_no_other_name() -> None:
    assert "\nchirp.test {" in caddyfile(EDGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": "chirp.test { respond 200 }"},
        {"email": "ops@chirp.test\n"},
        {"health_path": "healthz"},
        {"upstreams": ()},
        {"upstreams": ("app-1:8080",)},
        {"upstreams": ("10.0.0.1",)},
    ],
)
def test_what_would_change_the_meaning_of_the_file_is_bad_input(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        replace(EDGE, **wrong)


def test_the_health_check_asks_for_the_domain_by_https_as_users_do() -> None:
    text = caddyfile(EDGE)
    headers = text[text.index("health_headers {") :].partition("}")[0]
    assert headers.split()[2:] == [
        *("Host", "chirp.test"),
        *("X-Forwarded-Host", "chirp.test"),
        *("X-Forwarded-Proto", "https"),
    ]


def test_the_health_check_asks_for_the_path_of_the_public_url() -> None:
    assert health_path("https://chirp.test/healthz") == "/healthz"
    assert health_path("https://chirp.test/health?deep=1") == "/health?deep=1"
