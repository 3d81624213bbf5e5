"""Which bytes are pictures, and what they are called."""

import hashlib
import random

import pytest

from liferaft_sandbox.users.picture import noise_png
from liferaft_stacks.microblog.app import images


def test_a_picture_is_named_by_its_content() -> None:
    content = noise_png(random.Random(1))
    image = images.recognised(content)
    assert image is not None
    assert image.key == f"{hashlib.sha256(content).hexdigest()}.png"
    assert image.content_type == "image/png"
    assert images.is_key(image.key)


@pytest.mark.parametrize(
    ("start", "content_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_pictures_are_told_by_their_first_bytes(start: bytes, content_type: str) -> None:
    image = images.recognised(start + b"...")
    assert image is not None
    assert image.content_type == content_type


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"RIFF\x10\0\0\0WAVEfmt "])
def test_what_is_no_picture_is_not_taken(content: bytes) -> None:
    assert images.recognised(content) is None


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "a.png", "A" * 64 + ".png", "a" * 64 + ".svg"]
)
def test_other_objects_of_the_bucket_have_no_address(name: str) -> None:
    assert not images.is_key(name)
