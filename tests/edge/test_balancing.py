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
    reads, posts, bodies = await _asked_over_and_over(host, seconds=2)
    assert {*reads, *posts} == {"200"}
    assert set(bodies) == {"page of two"}


async def test_a_server_that_is_killed_under_load_costs_no_user_an_answer(
    host: Any, edge: Edge
) -> None:
    """Two app servers: whoever reads gets an answer from the other one, and so does whoever posts
    but for what finds the dead one."""
    both = replace(edge, upstreams=("127.0.0.1:8080", "127.0.0.1:8081"))
    await start_app(host, "one", 8080)
    await start_app(host, "two", 8081)
    await proxy.install(host, both, deadline=PATIENCE)
    await seen(host, both, Serving.APP)
    asking = asyncio.create_task(_asked_over_and_over(host, seconds=12))
    await asyncio.sleep(5)
    await host.run("kill -9 $(cat /run/two)")
    reads, posts, bodies = await asking
    assert {"page of one", "page of two"} <= set(bodies), "users were led to one server only"
    assert set(reads) == {"200"}, reads
    assert posts.total() - posts["200"] <= 2, posts


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
    reads, posts, _ = await _asked_over_and_over(host, seconds=6)
    assert set(reads) == {"200"}, reads
    assert posts.total() - posts["200"] <= 2, posts


async def _asked_over_and_over(
    host: Any, *, seconds: int
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By three at once, one of whom posts: how often which status came to reads and to posts, and
    which page."""
    curl = "curl -s --max-time 10 --cacert /run/ca/pki/authorities/lab/root.crt -w ' %{http_code}'"
    # Each answer is one write: those of three do not mix.
    loops = " & ".join(
        f"while test $(date +%s) -lt $end; do said=$({curl} {how} https://chirp.test/ || true);"
        f' echo "{word} ${{said##*$nl}}"; done'
        for word, how in (("read", ""), ("read", ""), ("post", "--data x=1"))
    )
    asked = f"nl=$'\\n'; end=$(($(date +%s)+{seconds})); {loops} & wait"
    said = await host.run(asked, deadline=90)
    rows = [line.split(" ", 1) for line in said.stdout.decode().splitlines()]
    seen = [(word, *line.rpartition(" ")[::2]) for word, line in rows]
    return (
        Counter(code for word, _, code in seen if word == "read"),
        Counter(code for word, _, code in seen if word == "post"),
        Counter(body for _, body, code in seen if code == "200"),
    )
