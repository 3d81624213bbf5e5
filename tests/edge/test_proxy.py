"""The edge on a real Caddy 2.6 with a real ACME server."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from typing import Any

import pytest
from tests.edge.asking import PATIENCE, seen, start_app

from liferaft.edge import proxy
from liferaft.edge.caddyfile import STORAGE, Edge, caddyfile
from liferaft.edge.certificates import has_certificate, has_valid_certificate
from liferaft.edge.holding import Notice
from liferaft.edge.orders import moment, order_problem
from liferaft.edge.proxy import Serving
from liferaft.edge.upstream import answers

# Caddy asks again for a certificate that it did not get after a minute.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Page:
    code: int
    headers: Message
    body: str


async def get(
    host: Any, path: str = "/", method: str = "GET", headers: tuple[str, ...] = ()
) -> Page:
    """What a user gets, whose device trusts the test's authority and nothing else."""
    asked = "curl -sS -i --http1.1 --cacert /run/ca/pki/authorities/lab/root.crt "
    asked += "--head" if method == "HEAD" else f"-X {method}"
    asked += "".join(f" -H '{header}'" for header in headers)
    said = (await host.run(f"{asked} https://chirp.test{path}")).stdout.decode()
    head, _, body = said.partition("\r\n\r\n")
    status, _, fields = head.partition("\r\n")
    return Page(int(status.split()[1]), Parser().parsestr(fields), body)


@pytest.fixture
async def served(host: Any, edge: Edge) -> Edge:
    assert await proxy.install(host, edge, deadline=PATIENCE)
    crt = f"{STORAGE}/certificates/*/chirp.test/chirp.test.crt"
    await host.wait(f"ls {crt}", until="the certificate", deadline=2 * PATIENCE)
    return edge


async def test_the_certificate_that_caddy_got_is_found_where_it_keeps_it(
    host: Any, served: Edge
) -> None:
    assert await has_certificate(host, served)
    assert await has_valid_certificate(host, served, at=datetime.now(UTC))
    other = replace(served, acme_directory="https://elsewhere.test/directory")
    assert not await has_certificate(host, other)


async def test_a_staging_authority_is_trusted_by_caddy_and_its_certificates_by_nobody_else(
    host: Any, ca_root: str
) -> None:
    public = "/run/ca/pki/authorities/public/root.crt"
    asked = f"curl -s --cacert {public} https://staging.test:9444/"
    await host.wait(asked, until="the staging authority", deadline=PATIENCE)
    staging = Edge(
        "chirp.test",
        "ops@chirp.test",
        "https://staging.test:9444/acme/lab/directory",
        ca_root=(await host.get(public)).decode(),
        users_root=ca_root,
    )
    assert await proxy.install(host, staging, deadline=PATIENCE)
    await seen(host, staging, Serving.HOLDING)
    assert await has_valid_certificate(host, staging, at=datetime.now(UTC))


async def test_an_order_that_meets_the_authoritys_limit_is_told_in_its_words(
    host: Any, edge: Edge
) -> None:
    await host.run(["touch", "/run/limited"])
    since = await moment(host)
    assert await order_problem(host, since=since) is None
    assert await proxy.install(host, edge, deadline=PATIENCE)
    end = time.monotonic() + PATIENCE
    while (problem := await order_problem(host, since=since)) is None:
        assert time.monotonic() < end, "Caddy says nothing of it"
        await asyncio.sleep(0.5)
    assert problem.is_limit
    assert "too many certificates (5) already issued for this exact set" in problem.said
    assert await proxy.serving(host, edge) is Serving.NOTHING


async def test_without_an_app_users_get_the_holding_page_over_tls(host: Any, served: Edge) -> None:
    for method in ("GET", "POST"):
        page = await get(host, "/deep/link", method)
        assert page.code == 503
        assert page.headers["Retry-After"] == "15"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Liferaft-Holding"] == "1"
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["Server"] is None
        assert 'data-liferaft="holding"' in page.body
        assert page.body.endswith("</html>")
    assert await proxy.serving(host, served) is Serving.HOLDING
    assert await proxy.is_serving(host, served)


@pytest.mark.usefixtures("served")
async def test_users_are_told_whether_the_app_moves_starts_or_is_away(host: Any) -> None:
    assert await proxy.announced(host) == set()
    assert "not available" in (await get(host)).body
    await proxy.announce(host, Notice.STARTING)
    assert "being started" in (await get(host)).body
    await proxy.announce(host, Notice.MOVING)
    assert await proxy.announced(host) == {Notice.STARTING, Notice.MOVING}
    assert "another provider" in (await get(host)).body
    await proxy.withdraw(host, Notice.MOVING, Notice.STARTING)
    assert "not available" in (await get(host)).body
    assert await proxy.announced(host) == set()


@pytest.mark.usefixtures("served")
async def test_a_browser_that_knows_the_page_gets_it_whole_again(host: Any) -> None:
    known = ["If-None-Match: *", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"]
    for header in (*known, "Range: bytes=0-1", "If-Match: x"):
        page = await get(host, headers=(header,))
        assert page.code == 503
        assert page.body.endswith("</html>")
        assert not {"Etag", "Last-Modified", "Accept-Ranges"} & set(page.headers)
    head = await get(host, method="HEAD")
    assert (head.code, head.body) == (503, "")


async def test_what_was_put_before_a_kill_and_never_read_is_read_by_the_next_install(
    host: Any, served: Edge
) -> None:
    await start_app(host, "two", 8081)
    other = replace(served, upstreams=("127.0.0.1:8081",))
    await host.run(["touch", f"{proxy.CADDYFILE}.unread"])
    await host.put(proxy.CADDYFILE, caddyfile(other).encode(), mode=0o644)
    assert not await proxy.is_installed(host, other)
    assert await proxy.install(host, other, deadline=PATIENCE)
    assert await proxy.is_installed(host, other)
    await seen(host, other, Serving.APP)


async def test_the_operators_own_page_is_shown_as_it_is_in_every_case(
    host: Any, served: Edge
) -> None:
    own = "<style>p{color:red}</style><script>`{env.HOME} {$HOME} \\{ {path}`</script><p>Zürich ☃\n"
    mine = replace(served, page=own)
    assert not await proxy.is_installed(host, mine)
    assert await proxy.install(host, mine, deadline=PATIENCE)
    assert (await get(host)).body == own
    await proxy.announce(host, Notice.MOVING)
    page = await get(host, "/deep/link", "DELETE")
    assert (page.code, page.body) == (503, own)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert await proxy.serving(host, mine) is Serving.HOLDING


async def test_the_page_gives_way_to_the_app_and_comes_back(host: Any, served: Edge) -> None:
    await seen(host, served, Serving.HOLDING)
    await start_app(host)
    await seen(host, served, Serving.APP)
    assert (await get(host)).body == "page of one"
    await host.run(["rm", "/run/well-one"])
    await seen(host, served, Serving.HOLDING)
    await host.run(["touch", "/run/well-one"])
    await seen(host, served, Serving.APP)
    await host.run("kill $(cat /run/one)")
    await seen(host, served, Serving.HOLDING)


async def test_an_app_that_answers_but_is_not_well_is_not_shown(host: Any, served: Edge) -> None:
    await start_app(host, well=False)
    await seen(host, served, Serving.HOLDING)
    assert (await get(host)).headers["Liferaft-Holding"] == "1"


async def test_an_app_that_knows_its_domain_only_and_insists_on_https_is_well(
    host: Any, served: Edge
) -> None:
    await host.run(["touch", "/run/strict-one"])
    await start_app(host)
    (answer,) = await answers(host, served)
    assert answer.status == 200, str(answer)
    await seen(host, served, Serving.APP)
    assert (await get(host)).body == "page of one"


async def test_what_the_app_itself_answers_is_told_where_users_see_the_holding_page(
    host: Any, served: Edge
) -> None:
    (silent,) = await answers(host, served)
    assert silent.status is None
    assert "does not answer" in str(silent)
    assert "refused" in silent.said.lower() or "connect" in silent.said.lower()
    await start_app(host, well=False)
    (unwell,) = await answers(host, served)
    assert str(unwell) == "the app at 127.0.0.1:8080 answers 500: health"
    await host.run(["touch", "/run/strict-one"])
    (stranger,) = await answers(host, replace(served, domain="other.test"))
    assert str(stranger) == "the app at 127.0.0.1:8080 answers 400: Invalid Host"


async def test_the_apps_own_503_passes_unchanged(host: Any, served: Edge) -> None:
    await start_app(host)
    await seen(host, served, Serving.APP)
    page = await get(host, "/full")
    assert (page.code, page.body) == (503, "the app's own words")
    assert page.headers["Retry-After"] == "7"
    assert page.headers["Liferaft-Holding"] is None


async def test_the_same_configuration_is_not_installed_twice(host: Any, served: Edge) -> None:
    assert await proxy.is_installed(host, served)
    assert not await proxy.install(host, served, deadline=PATIENCE)
    changed = replace(served, health_path="/well")
    assert not await proxy.is_installed(host, changed)
    assert await proxy.install(host, changed, deadline=PATIENCE)
    assert await proxy.is_serving(host, changed)


async def test_a_configuration_that_caddy_refuses_replaces_nothing(host: Any, served: Edge) -> None:
    broken = replace(served, ca_root="no certificate")
    with pytest.raises(proxy.EdgeInvalid) as caught:
        await proxy.install(host, broken, deadline=PATIENCE)
    assert caught.value.facts.details["caddy"]
    assert await proxy.is_installed(host, served)
    assert await proxy.serving(host, served) is Serving.HOLDING


async def test_a_restored_certificate_serves_while_the_authority_is_gone(
    host: Any, served: Edge
) -> None:
    await host.run(
        f"systemctl stop caddy; caddy stop --address 127.0.0.1:2020; mv {STORAGE} /run/kept"
    )
    assert await proxy.serving(host, served) is Serving.NOTHING
    await host.run(f"mv /run/kept {STORAGE}")
    await proxy.install(host, served, deadline=PATIENCE)
    await seen(host, served, Serving.HOLDING)
