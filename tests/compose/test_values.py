"""Single values of a Compose file: what is accepted, and as what."""

import pytest

from liferaft.compose.values import NotAccepted, duration, health, image

DIGEST = f"sha256:{'a' * 64}"


def test_an_image_by_its_digest_alone_is_refused_because_no_archive_keeps_it() -> None:
    with pytest.raises(NotAccepted, match="names a digest alone, which an archive does not keep"):
        image(f"localhost/chirp@{DIGEST}")


def test_of_a_tag_with_a_digest_the_tag_counts() -> None:
    assert image(f"docker.io/valkey/valkey:8@{DIGEST}") == "docker.io/valkey/valkey:8"


def test_without_a_tag_an_image_is_the_latest_as_compose_has_it() -> None:
    assert image("host.example:5000/app") == "host.example:5000/app:latest"


@pytest.mark.parametrize("name", ["../x:y", "localhost/Chirp:1", "a//b:1", "é:1", "a:1:2"])
def test_an_image_that_podman_could_not_name_is_refused(name: str) -> None:
    with pytest.raises(NotAccepted):
        image(name)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("10s", 10), ("1m30s", 90), ("1h", 3600), ("1.5s", 1.5), ("500ms", 0.5), ("1m", 60)],
)
def test_a_duration_is_seconds(written: str, seconds: float) -> None:
    assert duration(written) == seconds


@pytest.mark.parametrize("test", [["curl", "x"], ["CMD"], []])
def test_a_check_of_health_that_asks_nothing_is_refused(test: list[str]) -> None:
    with pytest.raises(NotAccepted):
        health({"test": test})
