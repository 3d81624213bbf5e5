"""Secrets of the application's own in its Compose file: told where Compose tells them, and nowhere
in what anybody sees."""

from pathlib import Path

import pytest

from liferaft.compose.application import Compose, read
from liferaft.compose.findings import ComposeInvalid
from liferaft.compose.secret_values import in_variables, used, with_values

SECRETS = ("APP_KEY", "DB_PASSWORD", "tls.key")


def reading(folder: Path, text: str, env: str = "") -> Compose:
    path = folder / "compose.yaml"
    path.write_text(text)
    (folder / ".env").write_text(env)
    return read(path, secrets=SECRETS)


def told(compose: Compose, service: str = "web") -> dict[str, str]:
    return dict(compose.services[service].environment)


VALUES = {"APP_KEY": "k-1", "DB_PASSWORD": "p-1", "tls.key": "-----BEGIN\nrows\n-----END"}


def test_a_secret_is_filled_in_wherever_a_variable_of_that_name_is(tmp_path: Path) -> None:
    text = """
services:
  web:
    image: a:1
    environment:
      APP_KEY: ${APP_KEY:?is needed}
      CACHE_URL: postgres://app:${DB_PASSWORD:-changeme}@db/app
  worker: {image: "a:1", environment: [APP_KEY]}
  other: {image: "a:1", env_file: [told.env]}
"""
    (tmp_path / "told.env").write_text("MAIL_KEY=${APP_KEY}\n")
    found = reading(tmp_path, text)
    assert used(found) == {"APP_KEY": ("web", "worker", "other"), "DB_PASSWORD": ("web",)}
    full = with_values(found, VALUES)
    assert told(full) == {"APP_KEY": "k-1", "CACHE_URL": "postgres://app:p-1@db/app"}
    assert told(full, "worker") == {"APP_KEY": "k-1"}
    assert told(full, "other") == {"MAIL_KEY": "k-1"}
    assert "k-1" not in str(found)


def test_a_secret_goes_before_what_dot_env_says_and_into_what_it_says(tmp_path: Path) -> None:
    text = "services: {web: {image: 'a:1', environment: {URL: $URL, APP_KEY: $APP_KEY}}}"
    env = "APP_KEY=changeme\nURL=redis://:${DB_PASSWORD}@redis\n"
    full = with_values(reading(tmp_path, text, env), VALUES)
    assert told(full) == {"URL": "redis://:p-1@redis", "APP_KEY": "k-1"}


@pytest.mark.parametrize("source", ["external: true", "file: ./is-not-here", "environment: NO"])
def test_a_compose_secret_of_that_name_is_a_file_with_the_value(
    tmp_path: Path, source: str
) -> None:
    text = f"""
services:
  web: {{image: "a:1", secrets: [{{source: tls.key, target: /etc/tls.key, mode: 0400}}]}}
secrets:
  tls.key: {{{source}}}
"""
    found = reading(tmp_path, text)
    (mount,) = found.services["web"].volumes
    assert (used(found), mount.target) == ({"tls.key": ("web",)}, "/etc/tls.key")
    assert in_variables(found) == frozenset()
    full = with_values(found, VALUES)
    assert full.files[mount.source].content.decode() == VALUES["tls.key"]
    assert full.files[mount.source].mode == 0o400
    assert with_values(found, {"tls.key": "two"}).files.keys() == full.files.keys()


def test_a_secret_that_is_external_and_not_declared_is_refused_still(tmp_path: Path) -> None:
    text = "services: {web: {image: 'a:1', secrets: [x]}}\nsecrets: {x: {external: true}}"
    with pytest.raises(ComposeInvalid, match=r"secrets\.x\.external"):
        reading(tmp_path, text)


def test_a_config_with_a_secret_in_its_text_is_filled_in(tmp_path: Path) -> None:
    text = """
services: {web: {image: "a:1", configs: [{source: c, target: /c}]}}
configs: {c: {content: "password=${DB_PASSWORD}\\n"}}
"""
    found = reading(tmp_path, text)
    (mount,) = found.services["web"].volumes
    assert with_values(found, VALUES).files[mount.source].content == b"password=p-1\n"
    assert used(found) == {"DB_PASSWORD": ("web",)}


@pytest.mark.parametrize(
    "where",
    [
        "command: [serve, --key, $APP_KEY]",
        "labels: {key: $APP_KEY}",
        "healthcheck: {test: 'curl -H $APP_KEY localhost'}",
        "volumes: ['./$APP_KEY:/a']",
    ],
)
def test_a_secret_where_others_see_it_is_refused_with_line_and_way_out(
    tmp_path: Path, where: str
) -> None:
    with pytest.raises(ComposeInvalid) as caught:
        reading(tmp_path, f"services:\n  web:\n    image: a:1\n    {where}\n")
    said = [str(one) for one in caught.value.findings if "APP_KEY is a secret" in str(one)]
    assert len(said) == 1
    assert "compose.yaml line 4" in said[0]
    assert "environment, or a Compose secret of that name" in said[0]


def test_a_service_in_whose_place_is_a_data_set_is_told_its_secret_as_well(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(
        "services:\n  web: {image: 'a:1', environment: {KEY: '${APP_KEY}'}}\n"
        "  db: {image: 'pg:1', environment: {POSTGRES_PASSWORD: '${DB_PASSWORD}'}}\n"
    )
    found = read(path, secrets=SECRETS, instead={"db": "kept"})
    assert used(found) == {"APP_KEY": ("web",), "DB_PASSWORD": ("db",)}
