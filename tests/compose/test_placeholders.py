"""Placeholders stand for what liferaft knows of a site, under the application's own names."""

from pathlib import Path

import pytest
from tests.compose.test_loading import lay

from liferaft.compose import placeholders
from liferaft.compose.application import Compose, filled_in, only, read
from liferaft.compose.findings import ComposeInvalid

OTHER = "only what services are told under environment or in env_file has placeholders"


def compose(folder: Path, environment: str, **files: str) -> Compose:
    text = f"services:\n  web:\n    image: a:1\n    environment: {environment}\n"
    return read(lay(folder, {"compose.yaml": text, **files}))


def told(found: Compose, **values: str) -> dict[str, str]:
    named = {name.replace("_", ".", 1): value for name, value in values.items()}
    return dict(filled_in(found, named).services["web"].environment)


def test_a_service_is_told_what_the_site_has_under_a_name_of_its_own(tmp_path: Path) -> None:
    found = compose(tmp_path, "{AWS_HOST: 'https://${liferaft:bucket.host}/${liferaft:site}'}")
    assert told(found, bucket_host="s3.example:9000", site="north") == {
        "AWS_HOST": "https://s3.example:9000/north"
    }


def test_a_published_file_stays_as_it_is_and_its_variables_hold_the_placeholders(
    tmp_path: Path,
) -> None:
    text = (
        "services: {web: {image: 'a:1', env_file: web.env, "
        "environment: ['HOST=${DB_HOST:-db}', 'KEY=${KEY:-${liferaft:bucket.access_key}}']}}"
    )
    files = {
        "compose.yaml": text,
        ".env": 'DB_HOST="${liferaft:database.host}"\n',
        "web.env": "# of the application\nUSER=${liferaft:database.user}\n",
    }
    found = read(lay(tmp_path, files))
    values = {"database_host": "10.0.0.2", "database_user": "chirp", "bucket_access_key": "id"}
    assert told(found, **values) == {"USER": "chirp", "HOST": "10.0.0.2", "KEY": "id"}
    places = {(one.variable, one.at.file.name, one.at.line) for one in found.placeholders}
    assert ("USER", "web.env", 2) in places
    assert ("HOST", "compose.yaml", 1) in places


def test_what_an_anchor_stands_for_is_filled_in_where_it_is_used(tmp_path: Path) -> None:
    text = (
        "x-told: &told {HOST: '${liferaft:database.host}'}\n"
        "services: {web: {image: 'a:1', environment: {<<: *told, LOG: info}}}"
    )
    found = read(lay(tmp_path, {"compose.yaml": text}))
    assert told(found, database_host="10.0.0.2") == {"HOST": "10.0.0.2", "LOG": "info"}


def test_a_text_that_only_looks_like_one_stays_a_text(tmp_path: Path) -> None:
    text = "services: {web: {image: 'a:1', env_file: [{path: raw.env, format: raw}], environment: {"
    text += "A: '$${liferaft:site}', B: '${liferaft:-none}'}}}"
    found = read(lay(tmp_path, {"compose.yaml": text, "raw.env": "C=${liferaft:site}\n"}))
    assert found.placeholders == ()
    assert told(found, site="north") == {
        "A": "${liferaft:site}",
        "B": "none",
        "C": "${liferaft:site}",
    }


def test_all_that_stand_for_nothing_are_told_at_once_each_with_its_line_and_a_way_out(
    tmp_path: Path,
) -> None:
    told = "\n      A: ${liferaft:bucket.endpont}\n      B: x${liferaft:domain}${liferaft:nothing}"
    found = list(placeholders.unknown(compose(tmp_path, told).placeholders, KNOWN))
    place, reason = "services.web.environment", "stands for nothing here"
    near, others = "${liferaft:bucket.endpoint}", "one of domain, bucket.endpoint"
    first, second = map(str, found)
    assert first.startswith(f"compose.yaml line 5: {place}: A: ${{liferaft:bucket.endpont}}")
    assert first.endswith(f"{reason} (valid: {near}; {others})")
    assert second.startswith(f"compose.yaml line 6: {place}: B: ${{liferaft:nothing}}")
    assert second.endswith(f"{reason} (valid: {others})")


KNOWN = ("domain", "bucket.endpoint")


@pytest.mark.parametrize(
    "part",
    [
        "image: 'a:${liferaft:epoch}'",
        "image: a:1\n    command: ['serve', '${SECRET}']",
        "image: a:1\n    labels: {key: '${liferaft:bucket.secret_key}'}",
        "image: a:1\n    secrets: [key]",
    ],
)
def test_where_a_value_would_be_seen_or_would_be_none_a_placeholder_is_refused(
    tmp_path: Path, part: str
) -> None:
    text = f"services:\n  web:\n    {part}\nsecrets: {{key: {{environment: SECRET}}}}\n"
    path = lay(tmp_path, {"compose.yaml": text, ".env": "SECRET=${liferaft:bucket.secret_key}\n"})
    with pytest.raises(ComposeInvalid, match=OTHER):
        read(path)


@pytest.mark.parametrize("name", ["", "Bucket", "bucket.", "bucket endpoint", "a$b"])
def test_what_follows_the_word_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ComposeInvalid, match=r"line 4: .*is followed by no placeholder"):
        compose(tmp_path, f"{{A: '${{liferaft:{name}}}'}}")


def test_a_database_url_of_the_applications_own_has_to_hold_one(tmp_path: Path) -> None:
    mine = "{DATABASE_URL: '${liferaft:database.url}?sslmode=disable'}"
    assert told(compose(tmp_path, mine), database_url="postgresql://x") == {
        "DATABASE_URL": "postgresql://x?sslmode=disable"
    }
    with pytest.raises(ComposeInvalid, match="DATABASE_URL is delivered by liferaft"):
        compose(tmp_path, "{DATABASE_URL: 'postgresql://of-another-site'}")


def test_what_no_server_runs_is_asked_for_nothing(tmp_path: Path) -> None:
    text = (
        "services: {web: {image: 'a:1'}, "
        "old: {image: 'b:1', environment: ['A=${liferaft:nothing}']}}"
    )
    found = read(lay(tmp_path, {"compose.yaml": text}))
    assert len(found.placeholders) == 1
    assert only(found, {"web"}).placeholders == ()
