"""Several app servers behind a real Caddy, of which one dies."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from tests.edge.asking import PATIENCE, seen, start_app

from liferaft.edge import proxy
from liferaft.edge.caddyfile import Edge
from liferaft.edge.proxy import Serving

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


async def test_one_of_two_app_servers_is_enough(host: Any, edge: Edge) -> None:
    both = replace(edge, upstreams=("127.0.0.1:8080", "127.0.0.1:8081"))
    await start_app(host, "two", 8081)
    await proxy.install(host, both, deadline=PATIENCE)
    await seen(host, both, Serving.APP)
    codes, bodies = await _asked_over_and_over(host, seconds=2)
    assert (set(codes), set(bodies)) == ({"200"}, {"page of two"})


async def test_a_server_that_is_killed_under_load_costs_no_user_an_answer(
    host: Any, edge: Edge
) -> None:
    """Two app servers: whoever posts, and whoever reads, gets an answer from the other one."""
    both = replace(edge, upstreams=("127.0.0.1:8080", "127.0.0.1:8081"))
    await start_app(host, "one", 8080)
    await start_app(host, "two", 8081)
    await proxy.install(host, both, deadline=PATIENCE)
    await seen(host, both, Serving.APP)
    asking = asyncio.create_task(_asked_over_and_over(host, seconds=12))
    await asyncio.sleep(5)
    await host.run("kill -9 $(cat /run/two)")
    codes, bodies = await asking
    assert {"page of one", "page of two"} <= set(bodies), "users were led to one server only"
    assert set(codes) == {"200"}, codes


async def test_a_server_whose_host_is_gone_costs_no_user_an_answer(host: Any, edge: Edge) -> None:
    """No answer at all comes from there, not even that nobody listens."""
    await host.run(
        "ip link add gone type veth peer name behind; ip address add 10.9.9.1/24 dev gone;"
        " ip link set gone up; ip link set behind up"
    )
    both = replace(edge, upstreams=("10.9.9.9:8080", "127.0.0.1:8081"))
    await start_app(host, "two", 8081)
    await proxy.install(host, both, deadline=PATIENCE)
    await seen(host, both, Serving.APP)
    codes, bodies = await _asked_over_and_over(host, seconds=6)
    assert set(codes) == {"200"}, codes
    assert set(bodies) == {"page of two"}


async def _asked_over_and_over(host: Any, *, seconds: int) -> tuple[Counter[str], Counter[str]]:
    """By three at once, one of whom posts: how often which status and which page came."""
    curl = "curl -s --max-time 10 --cacert /run/ca/pki/authorities/lab/root.crt -w ' %{http_code}'"
    # Each answer is one write: those of three do not mix.
    loops = " & ".join(
        f"while test $(date +%s) -lt $end; do said=$({curl} {how} https://chirp.test/ || true);"
        ' echo "$said"; done'
        for how in ("", "", "--data x=1")
    )
    said = await host.run(f"end=$(($(date +%s)+{seconds})); {loops} & wait", deadline=90)
    rows = [line.rpartition(" ") for line in said.stdout.decode().splitlines()]
    return Counter(row[2] for row in rows), Counter(row[0] for row in rows)
