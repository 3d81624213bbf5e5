"""`python -m benchmarks.bucket`: how fast a bucket goes into the vault and back, beside rclone.

2,000 objects of 50 KB from a real store (SeaweedFS) into a vault there, and back into an empty
bucket, with the program as it goes to hosts; and, where there is `rclone`, with rclone and its
crypt, in the same rounds, as it was used before. The medians and the ratio are printed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.seaweed import Seaweed, seaweed

from benchmarks.bucket_lab import SEAL, BucketLab
from liferaft.data.rclone import FLAGS, obscured, s3_section

OBJECTS: Final = 2000
SIZE: Final = 50_000
ROUNDS: Final = 3
_ORDER: Final = ("into the vault", "nothing new", "back")


def measured() -> dict[str, Any]:
    """Seconds by what was done, of each round."""
    with tempfile.TemporaryDirectory() as name, seaweed() as weed:
        s3 = weed.client()
        s3.create_bucket(Bucket="site")
        with ThreadPoolExecutor(8) as pool:
            for number in range(OBJECTS):
                pool.submit(s3.put_object, Bucket="site", Key=f"photos/{number}.jpg", Body=_body())
        seconds: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for buckets in ("vault", "back"):
                for who in ("ours", "rclone"):
                    s3.create_bucket(Bucket=f"{buckets}-{who}-{number}")
            acts = {**_ours(Path(name), weed, number), **_rclones(Path(name), weed, number)}
            for what in sorted(acts, key=lambda what: _ORDER.index(what.partition(", ")[2])):
                began = time.monotonic()
                acts[what]()
                seconds.setdefault(what, []).append(time.monotonic() - began)
        return seconds


def _body() -> bytes:
    return os.urandom(SIZE)


def _ours(folder: Path, weed: Seaweed, number: int) -> Mapping[str, Callable[[], Any]]:
    lab = BucketLab(folder, weed, f"vault-ours-{number}")
    site, back = lab.task(weed, "site"), lab.task(weed, f"back-ours-{number}")
    return {
        "ours, into the vault": lambda: lab.done("snapshot", site),
        "ours, nothing new": lambda: lab.done("snapshot", site),
        "ours, back": lambda: lab.done("restore", back),
    }


def _rclones(folder: Path, weed: Seaweed, number: int) -> Mapping[str, Callable[[], Any]]:
    program = shutil.which("rclone")
    if program is None:
        return {}
    config = folder / "rclone.conf"
    password, salt = obscured(SEAL.password), obscured(SEAL.salt)
    sealed = f"[sealed]\ntype = crypt\nremote = store:vault-rclone-{number}\n"
    sealed += f"password = {password}\npassword2 = {salt}\nfilename_encoding = base64\n"
    place = {"url": weed.url, "region": weed.region}
    store = s3_section("store", **place, access_key=weed.key, secret_key=weed.secret)
    config.write_text(sealed + store)

    def copied(*arguments: str) -> None:
        argv = [program, f"--config={config}", *FLAGS, "copy", "--metadata", *arguments]
        # Its library wants no authorities by the environment beside rclone's own.
        own = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        ended = subprocess.run(
            argv, check=False, capture_output=True, text=True, timeout=600, env=own
        )
        if ended.returncode:
            sys.exit(f"rclone: {ended.stderr[-800:]}")

    back = f"store:back-rclone-{number}"
    return {
        "rclone, into the vault": lambda: copied("store:site", "sealed:"),
        "rclone, nothing new": lambda: copied("store:site", "sealed:"),
        "rclone, back": lambda: copied("--ignore-existing", "sealed:", back),
    }


def main() -> int:
    """0 unless rclone is there and was faster."""
    found = {what: round(median(seconds), 2) for what, seconds in measured().items()}
    ratios = {
        what: round(found[f"ours, {what}"] / found[f"rclone, {what}"], 2)
        for what in _ORDER
        if f"rclone, {what}" in found
    }
    print(json.dumps({"seconds": found, "ours / rclone": ratios or "no rclone here"}, indent=2))
    return 1 if any(ratio > 1 for ratio in ratios.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
