"""Pictures people send: recognised by their first bytes, named by their content."""

import hashlib
import re
from dataclasses import dataclass

MOST_BYTES = 5 * 1024 * 1024
KEY = re.compile(r"[0-9a-f]{64}\.(png|jpg|gif|webp)")
CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


@dataclass(frozen=True)
class Image:
    """One picture. Two people sending the same bytes share one object, so writing is idempotent."""

    key: str
    sha256: str
    content: bytes

    @property
    def content_type(self) -> str:
        """The type to serve it with."""
        return content_type_of(self.key)


def recognised(content: bytes) -> Image | None:
    """The picture in `content`, or None if it is no PNG, JPEG, GIF or WebP.

    What the sender says about the type is not asked: browsers are told not to sniff, so a wrong
    type only shows as a broken picture.
    """
    extension = _extension(content)
    if extension is None:
        return None
    digest = hashlib.sha256(content).hexdigest()
    return Image(f"{digest}.{extension}", digest, content)


def is_key(name: str) -> bool:
    """Whether `name` is one that `recognised` could have given."""
    return KEY.fullmatch(name) is not None


def content_type_of(key: str) -> str:
    """The type of the picture that is called `key`; raises KeyError if that is no picture's key."""
    return CONTENT_TYPES[key.rpartition(".")[2]]


def _extension(content: bytes) -> str | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None
