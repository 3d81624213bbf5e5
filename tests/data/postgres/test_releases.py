"""From Debian 12 to Debian 13 as docs/releases.md tells it, and never by a restore."""

import asyncio
from pathlib import Path

import pytest
from tests.data.conftest import PATIENCE, LocalHost, host_image, open_lab

from liferaft.clouds.systems import System
from liferaft.data.failures import OtherPlatform
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database, cluster_of
from liferaft.recovery.part import Part
from liferaft.site.reach import VaultAccess
from liferaft_sandbox.lab.systems import VARIABLE

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
PAGE = Path(__file__).parents[3] / "docs" / "releases.md"
ROWS = 500
FILL = """
create table note (id serial primary key, text text not null);
insert into note (text) select 'Größe ' || n from generate_series(1, 500) n;
create index on note (text);
"""
TOLD = "select count(*), min(text), max(id), nextval('note_id_seq') from note"
DUMP = "/var/lib/postgresql/app.dump"


def command(program: str) -> str:
    """How the page says it, for this application and its file."""
    text = " ".join(PAGE.read_text().split())
    start = text.index(f"runuser -u postgres -- {program}")
    return f"cd / && {text[start : text.index('`', start)].replace('APP', 'chirp')}"


def database(system: System, host: LocalHost, vault: VaultAccess) -> Postgres:
    network = "10.99.0.0/24"
    there = Database("chirp", "chirp", "s3cret", host.address, network, cluster_of(system))
    return Postgres("db", there, (vault,), "the-passphrase", 1)


async def asked(host: LocalHost, statement: str) -> str:
    """As the application's own role."""
    url = f"postgresql://chirp:s3cret@{host.address}/chirp"
    return await host.text(f"psql -XqAt -v ON_ERROR_STOP=1 {url} <<'END'\n{statement}\nEND")


@pytest.fixture(autouse=True)
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    for system in ("debian-12", "debian-13"):
        monkeypatch.setenv(VARIABLE, system)
        if not host_image().is_dir():
            pytest.skip("needs hosts of both: python -m liferaft_sandbox.build debian-12 debian-13")


def test_a_database_goes_to_debian_13_by_its_dump_and_by_no_restore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "debian-12")
    with open_lab(("old",)) as lab:
        dump, part = asyncio.run(what_debian_12_has(lab.hosts["old"], lab.vault))
    monkeypatch.setenv(VARIABLE, "debian-13")
    with open_lab(("new",)) as lab:
        asyncio.run(it_arrives_by_its_dump(lab.hosts["new"], lab.vault, dump, part))


async def what_debian_12_has(host: LocalHost, vault: VaultAccess) -> tuple[bytes, Part]:
    """What the page's dump wrote, and a backup of the same database."""
    old = database("debian-12", host, vault)
    await old.configure(host)
    await asked(host, FILL)
    part = await old.snapshot(host, epoch=1, marker="before")
    await host.text(command("pg_dump"), deadline=PATIENCE)
    return (await host.run(["cat", DUMP])).stdout, part


async def it_arrives_by_its_dump(
    host: LocalHost, vault: VaultAccess, dump: bytes, part: Part
) -> None:
    new = database("debian-13", host, vault)
    with pytest.raises(OtherPlatform, match="PostgreSQL was 15, here it is 17") as refused:
        await new.restore(host, part, marker="m")
    assert "docs/releases.md" in refused.value.facts.do
    assert await host.text("systemctl is-active postgresql@17-main || :") != "active"

    await new.configure(host)
    await host.put(DUMP, dump, mode=0o644)
    await host.text(command("pg_restore"), deadline=PATIENCE)
    await host.text(command("vacuumdb"), deadline=PATIENCE)
    assert await asked(host, TOLD) == f"{ROWS}|Größe 1|{ROWS}|{ROWS + 1}"
    assert await asked(host, "alter table note add column more text; select 'own'") == "own"
    taken = await new.snapshot(host, epoch=1, marker="after")
    assert taken.facts["platform"]["postgresql"] == "17"
