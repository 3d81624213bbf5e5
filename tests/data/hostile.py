"""Objects with any key that S3 allows, and what else an object carries, from a seed."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.data.flat_store import FlatStore

MOST = 1024
"""Bytes of a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""
FIRST = (
    "/lead.txt",
    "//",
    "a//b.txt",
    "both",
    "both/inner",
    "both/inner/",
    "folder/",
    "d/../up.txt",
    "../up",
    "./here",
    "end/.",
    "..",
    "plus+and space",
    "plus and+space",
    "%2F%20+",
    "100%",
    "a?b=c&d#e",
    "line\nend",
    "return\r",
    "tab\t",
    "nul-like\x01\x1f\x7f",
    "café",
    "cafe\u0301",
    "\u212b",
    "\u00c5",
    " leading",
    "trailing ",
    "~tilde",
    "back\\slash",
    "quote\"'<>&;",
    "😀/😀",
    "\u202eright-to-left",
    "\ufeffmark",
    "x" * MOST,
    "/" * 40,
    "ä" * (MOST // 2),
    "s" * 720,
)
PIECES = (
    *("a", "B", "photo", "ä", "e\u0301", "é", "漢字", "😀", " ", "+", "%", "%41", "&", "=", "?"),
    *("#", "\\", "'", '"', "<", ">", "*", "\t", "\n", "\r", "\x01", "\x7f", "~", "^", "`", "|"),
    *("/", "//", "/./", "/../", ".", "..", "{}", "[]", ":", ";", ",", "@", "!", "$", "(", ")"),
)


@dataclass(frozen=True)
class Hostile:
    """One object, and how it is stored."""

    key: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]
    """In boto3's words."""
    meta: Mapping[str, str]


def hostile(count: int, seed: int, *, fits: Callable[[str], bool] = bool) -> Iterator[Hostile]:
    """`count` objects, no two of one key."""
    draw = random.Random(seed)
    keys: dict[str, None] = {key: None for key in FIRST if fits(key)}
    while len(keys) < count:
        key = _key(draw, list(keys)[-50:])
        if 0 < len(key.encode()) <= MOST and fits(key):
            keys[key] = None
    return (_object(draw, key) for key in list(keys)[:count])


def _key(draw: random.Random, others: list[str]) -> str:
    match draw.randrange(6):
        case 0:
            return "".join(draw.choices(PIECES, k=draw.randint(1, 12)))
        case 1:
            return draw.choice(others) + draw.choice(PIECES)
        case 2:
            return draw.choice(others)[: draw.randint(1, 40)]
        case 3:
            return "/".join(draw.choices(PIECES, k=draw.randint(1, 30)))
        case 4:
            long = "".join(chr(draw.choice((0x61, 0xE4, 0x6F22, 0x1F600))) for _ in range(MOST))
            return long.encode()[: draw.randint(600, MOST)].decode(errors="ignore")
        case _:
            return f"photos/{draw.randrange(10**9)}.jpg"


def _object(draw: random.Random, key: str) -> Hostile:
    headers = {"ContentType": draw.choice(("image/jpeg", "text/plain; charset=utf-8", "x/y"))}
    if draw.random() < 0.3:
        headers["CacheControl"] = f"max-age={draw.randrange(10**6)}, public"
    if draw.random() < 0.3:
        headers["ContentDisposition"] = 'attachment; filename="a b.txt"'
    if draw.random() < 0.2:
        headers["ContentEncoding"] = draw.choice(("gzip", "br"))
    if draw.random() < 0.2:
        headers["ContentLanguage"] = "de-CH"
    meta = {f"name-{number}": f"value {number}" for number in range(draw.randrange(3))}
    size = draw.choice((0, 1, 100, 5_000, 20_000))
    return Hostile(key, draw.randbytes(size), headers, meta)


WORDS = {
    "ContentType": "content-type",
    "CacheControl": "cache-control",
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
}


def filled(store: FlatStore, bucket: str, objects: Iterable[Hostile]) -> None:
    """The bucket holds these."""
    for one in objects:
        headers = {WORDS[name]: text for name, text in one.headers.items()}
        meta = {f"x-amz-meta-{name}": text for name, text in one.meta.items()}
        store.put(bucket, one.key, one.body, **headers, **meta)
