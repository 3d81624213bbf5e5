"""A service whose place a data set takes is run nowhere, and the others find what stands there."""

from pathlib import Path

import pytest

from liferaft.compose.application import Compose, parse
from liferaft.compose.findings import ComposeInvalid
from liferaft.compose.replaced import reaching
from liferaft.compose.service import Service

TEXT = """\
services:
  web:
    image: miniflux:2
    ports: ['127.0.0.1:8080:8080']
    environment: {DATABASE_URL: 'postgres://flux:hush@db/flux'}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: postgres:17
    ports: ['5432']
    container_name: flux-db
    hostname: the-database
    networks: {default: {aliases: [pg]}}
    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/word}
    secrets: [word]
    volumes: ['rows:/var/lib/postgresql/data']
    healthcheck: {test: [CMD, pg_isready]}
    devices: [/dev/kvm]
volumes: {rows: }
secrets: {word: {file: ./word}}
"""


def read(text: str, folder: Path, **instead: str) -> Compose:
    (folder / "word").write_text("hush\n")
    names = {service: name for name, service in instead.items()}
    return parse(text, folder / "compose.yaml", runs={"web"}, instead=names)


def test_nobody_runs_it_waits_for_it_or_keeps_what_it_wrote(tmp_path: Path) -> None:
    found = read(TEXT, tmp_path, kept="db")
    assert list(found.services) == ["web"]
    assert found.services["web"].depends_on == ()
    assert found.volumes == ()
    assert found.images == {"miniflux:2"}


def test_an_address_of_the_file_is_told_as_it_is_where_a_data_set_stands_for_its_database(
    tmp_path: Path,
) -> None:
    told = dict(read(TEXT, tmp_path, kept="db").services["web"].environment)
    assert told == {"DATABASE_URL": "postgres://flux:hush@db/flux"}
    with pytest.raises(ComposeInvalid, match=r"line 5: .*DATABASE_URL is delivered") as caught:
        read(TEXT, tmp_path)
    assert "service = " in str(caught.value)


def test_it_is_found_by_every_name_that_the_file_gives_it(tmp_path: Path) -> None:
    service = read(TEXT, tmp_path, kept="db").replaced["db"]
    assert service.names == ("db", "flux-db", "pg", "the-database")
    assert service.content("/run/secrets/word") == b"hush\n"
    assert service.content("/run/secrets/other") is None


def test_what_it_says_of_its_own_variables_is_still_asked(tmp_path: Path) -> None:
    wrong = TEXT.replace("secrets: [word]", "secrets: [lost]")
    with pytest.raises(ComposeInvalid, match="'lost' is not declared"):
        read(wrong, tmp_path, kept="db")


def test_a_service_that_the_file_has_not_is_told_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(ComposeInvalid, match=r"data\.kept\.service names it.*web, db"):
        read(TEXT, tmp_path, kept="postgres")


def test_services_are_told_where_it_is_before_what_they_say_themselves() -> None:
    web = Service("a:1", others=(("extra_hosts", ("x:10.0.0.9",)), ("tty", ("true",))))
    told = reaching({"web": web}, {"db": "10.20.1.11", "pg": "10.20.1.11"})["web"]
    assert dict(told.others)["extra_hosts"] == ("db:10.20.1.11", "pg:10.20.1.11", "x:10.0.0.9")
    assert reaching({"web": web}, {}) == {"web": web}
