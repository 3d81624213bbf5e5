"""What skopeo says of an image becomes a sentence with a way out."""

import pytest

from liferaft.data.container_images.skopeo import (
    NotAnswered,
    NotBrought,
    NotThere,
    reason_of,
)

SOURCE = "docker://ghcr.io/who/web:1"
SAID = 'time="2026-11-30T19:37:04Z" level=fatal msg="Error parsing image name: {}"\n'


@pytest.mark.parametrize(
    ("words", "kind", "do"),
    [
        ("reading manifest 1 in ghcr.io/who/web: manifest unknown", NotThere, "Push it"),
        ("reading manifest 1 in ghcr.io/who/web: name unknown: unknown", NotThere, "Push it"),
        ("unable to retrieve auth token: unauthorized: wrong", NotBrought, "REGISTRY_AUTH_FILE"),
        (
            'no image found in manifest list for architecture \\"arm64\\", OS \\"linux\\"',
            NotBrought,
            "--platform",
        ),
        ('no image found in image index for architecture \\"arm64\\"', NotBrought, "--platform"),
        ("pinging container registry: dial tcp: i/o timeout", NotAnswered, "again once it answers"),
        ("x509: certificate signed by unknown authority", NotAnswered, "again once it answers"),
        ("context deadline exceeded", NotAnswered, "again once it answers"),
    ],
)
def test_each_reason_has_its_way_out(words: str, kind: type[NotBrought], do: str) -> None:
    failure = reason_of(SAID.format(words), SOURCE, 60)
    assert type(failure) is kind
    assert SOURCE in str(failure)
    assert do in failure.do


def test_a_long_complaint_is_cut_short_and_is_one_line() -> None:
    said = str(reason_of("first line\n" + "x" * 5000, SOURCE, 60))
    assert len(said) < 500
    assert "\n" not in said


def test_an_address_that_is_signed_is_told_without_its_signature() -> None:
    words = 'Get "https://blobs.example/sha256/1?X-Amz-Signature=5d0c": EOF'
    said = str(reason_of(words, SOURCE, 60))
    assert "https://blobs.example/sha256/1" in said
    assert "5d0c" not in said


def test_words_for_a_terminal_stay_words() -> None:
    assert "\x1b" not in str(reason_of("\x1b[31mred\x07 alarm", SOURCE, 60))
