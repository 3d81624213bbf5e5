"""Pictures that nobody else has: noise as a PNG."""

import random
import struct
import zlib

SIDE = 96  # squared, times three bytes: 27 KB


def noise_png(chance: random.Random) -> bytes:
    """A valid PNG of some 27 KB, different each time. https://www.w3.org/TR/png-3/"""
    rows = b"".join(b"\0" + chance.randbytes(SIDE * 3) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 0)), _chunk(b"IEND", b""))
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
