"""What large files on a host hold, by their SHA-256.

Python's own is OpenSSL's, which uses what the processor has for it: Debian 12's `sha256sum` takes
four times as long.
"""

from typing import Final

from liferaft.remote.contract import Host

PROGRAM: Final = (
    "import hashlib, sys\n"
    "with open(sys.argv[1], 'rb') as file:\n"
    "    print(hashlib.file_digest(file, 'sha256').hexdigest())\n"
)


def digest_argv(path: str) -> list[str]:
    """What prints the digest of a file, in hexadecimal. Pure."""
    return ["python3", "-I", "-c", PROGRAM, path]


async def has_digest(host: Host, path: str, digest: str, *, deadline: float) -> bool:
    """Whether the file is there and holds this."""
    completed = await host.run(digest_argv(path), deadline=deadline, check=False)
    return completed.exit_code == 0 and completed.text == digest
