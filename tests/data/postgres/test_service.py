"""The database is what the Compose file's own service for it asks for."""

from collections.abc import Collection
from pathlib import Path

import pytest

from liferaft.compose.application import parse
from liferaft.compose.findings import ComposeInvalid
from liferaft.data.postgres.service import (
    AskedDatabase,
    asked_of,
    objection_to,
    with_secrets,
)
from liferaft.failures import BadInput

WEB = "services:\n  web: {image: 'a:1'}\n  db:\n    image: postgres:17\n"


def ask(more: str, folder: Path, end: str = "", secrets: Collection[str] = ()) -> AskedDatabase:
    text = WEB + "".join(f"    {row}\n" for row in more.splitlines()) + end
    path = folder / "compose.yaml"
    read = parse(text, path, runs={"web"}, instead={"db": "kept"}, secrets=secrets)
    return asked_of(read.replaced["db"], path)


def test_user_password_and_database_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WORD=hu$$sh\n")
    said = "environment: {POSTGRES_USER: flux, POSTGRES_DB: feeds, POSTGRES_PASSWORD: '${WORD}'}"
    asked = ask(said, tmp_path)
    assert (asked.role, asked.name, asked.names) == ("flux", "feeds", ("db",))
    assert asked.password.startswith("hu")
    assert asked.password not in repr(asked)


def test_a_database_without_a_name_is_called_as_its_user(tmp_path: Path) -> None:
    asked = ask("environment: ['POSTGRES_USER=n8n', 'POSTGRES_PASSWORD=x']", tmp_path)
    assert asked.name == asked.role == "n8n"


def test_what_lies_in_files_is_read_as_the_image_reads_it(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("hush\n\n")
    (tmp_path / "user").write_text("flux\n")
    said = (
        "environment: {POSTGRES_PASSWORD_FILE: /run/secrets/word, POSTGRES_USER_FILE: /user}\n"
        "secrets: [word]\nvolumes: ['./user:/user:ro']"
    )
    asked = ask(said, tmp_path, "secrets: {word: {file: ./word}}\n")
    assert (asked.role, asked.password) == ("flux", "hush")


IN_FILE = "POSTGRES_USER: a, POSTGRES_PASSWORD_FILE: /run/secrets/word"
SECRETS = ("WORD", "word")


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("environment: {POSTGRES_USER: a, POSTGRES_PASSWORD: '${WORD}'}", "WORD"),
        (f"environment: {{{IN_FILE}}}\nsecrets: [word]", "word"),
    ],
)
def test_a_password_may_be_a_secret_in_a_variable_or_a_file(
    said: str, secret: str, tmp_path: Path
) -> None:
    asked = ask(said, tmp_path, "secrets: {word: {external: true}}\n", SECRETS)
    assert with_secrets(asked.password, {secret: "hu$sh\n"}) == "hu$sh"
    for unusable in ("hüsh", "two\nrows", "\n"):
        with pytest.raises(BadInput, match=f"of secret {secret}, holds a character") as caught:
            with_secrets(asked.password, {secret: unusable})
        assert unusable not in f"{caught.value}{caught.value.facts}"


@pytest.mark.parametrize("unusable", ["pässword", "two\nlines", "a\x07bell"])
def test_a_secret_that_no_password_can_be_made_of_is_told_before_anything_rests_on_it(
    unusable: str, tmp_path: Path
) -> None:
    said = "environment: {POSTGRES_USER: a, POSTGRES_PASSWORD: '${WORD}'}"
    asked = ask(said, tmp_path, secrets=SECRETS)
    assert "letters, digits and marks of ASCII" in (objection_to(asked, "WORD", unusable) or "")
    assert objection_to(asked, "WORD", "usable\n") is None
    assert objection_to(asked, "OTHER", unusable) is None
    assert objection_to(None, "WORD", unusable) is None


def test_only_the_password_may_be_a_secret(tmp_path: Path) -> None:
    said = "environment: {POSTGRES_USER: '${WORD}', POSTGRES_PASSWORD: x, POSTGRES_DB: b}"
    with pytest.raises(ComposeInvalid) as caught:
        ask(said, tmp_path, secrets=SECRETS)
    assert "POSTGRES_USER would be secret WORD" in caught.value.problems[0].reason


def test_settings_and_the_locale_are_those_that_it_is_started_with(tmp_path: Path) -> None:
    said = (
        "environment: {POSTGRES_USER: a, POSTGRES_PASSWORD: x, "
        "POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C'}\n"
        "command: postgres -c shared_buffers=256MB --max-connections=200"
    )
    asked = ask(said, tmp_path)
    assert asked.settings == {"shared_buffers": "256MB", "max_connections": "200"}
    assert asked.locale == "C"


GIVEN = "POSTGRES_USER: a, POSTGRES_PASSWORD: x"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("environment: {POSTGRES_USER: a}", "nobody is let in without one"),
        (
            "environment: {POSTGRES_PASSWORD: x, POSTGRES_DB: a}",
            "the role postgres is the server's own",
        ),
        (f"environment: {{{GIVEN}, POSTGRES_DB: postgres}}", "database postgres is the server's"),
        (f"environment: {{{GIVEN}, POSTGRES_DB: 'a b'}}", "no database can be called 'a b'"),
        (f"environment: {{{GIVEN}, POSTGRES_HOST_AUTH_METHOD: trust}}", "without a password here"),
        (f"environment: {{{GIVEN}, PGPORT: 5433}}", "the database is at port 5432"),
        ("environment: {POSTGRES_USER: a, POSTGRES_PASSWORD: 'é'}", "make a verifier of"),
        ("environment: {POSTGRES_USER: a, POSTGRES_PASSWORD_FILE: /x}", "mounted at /x"),
        (
            f"environment: {{{GIVEN}}}\nvolumes: ['./up.sql:/docker-entrypoint-initdb.d/up.sql']",
            "scripts of a database's first start are not run",
        ),
        (f"environment: {{{GIVEN}}}\ncommand: -c wal_level=logical", "wal_level is liferaft's own"),
        (f"environment: {{{GIVEN}}}\ncommand: postgres -D /data", "'-D' is not told"),
        (f"environment: {{{GIVEN}}}\nentrypoint: /mine.sh", "entrypoint of one's own is not run"),
        (f"environment: {{{GIVEN}, POSTGRES_INITDB_ARGS: '--wal-segsize=64'}}", "told to initdb"),
    ],
)
def test_what_no_server_here_could_honour_is_refused_with_its_line(
    said: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ComposeInvalid) as caught:
        ask(said, tmp_path)
    (problem,) = caught.value.problems
    assert reason in problem.reason
    assert problem.line >= 4
    assert problem.valid


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ComposeInvalid) as caught:
        ask("environment: {PGPORT: 1}\nentrypoint: /mine.sh\ncommand: -x", tmp_path)
    assert len(caught.value.problems) == 6
