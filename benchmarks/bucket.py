"""`python -m benchmarks.bucket`: how fast a bucket goes into the vault and back, beside rclone.

2,000 objects of 50 KB from a real store (SeaweedFS) into a vault there, and back into an empty
bucket, with the program as it goes to hosts; and, where there is `rclone`, with rclone and its
crypt, in the same rounds, as it was used before; each begins in every second round. The medians and
their ratios are printed, and the processor's seconds, which say the same on a machine that is busy.
"""

import json
import os
import resource
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
_WHO: Final = ("ours", "rclone")


def measured() -> dict[str, list[tuple[float, float]]]:
    """By what was done, of each round: seconds, and the processor's, without the store's."""
    with tempfile.TemporaryDirectory() as name, seaweed() as weed:
        s3 = weed.client()
        s3.create_bucket(Bucket="site")
        with ThreadPoolExecutor(8) as pool:
            for number in range(OBJECTS):
                pool.submit(s3.put_object, Bucket="site", Key=f"photos/{number}.jpg", Body=_body())
        seconds: dict[str, list[tuple[float, float]]] = {}
        for number in range(ROUNDS):
            for buckets in ("vault", "back"):
                for who in _WHO:
                    s3.create_bucket(Bucket=f"{buckets}-{who}-{number}")
            acts = {**_ours(Path(name), weed, number), **_rclones(Path(name), weed, number)}
            turns = [f"{who}, {what}" for what in _ORDER for who in _WHO[:: (-1) ** number]]
            for turn in filter(acts.__contains__, turns):
                began, worked = time.monotonic(), _worked()
                acts[turn]()
                took = time.monotonic() - began, _worked() - worked
                seconds.setdefault(turn, []).append(took)
        return seconds


def _worked() -> float:
    """Seconds of the processor's, of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
    found = measured()
    seconds, worked = (
        {what: round(median(pair[which] for pair in pairs), 2) for what, pairs in found.items()}
        for which in (0, 1)
    )
    ratios = {
        what: round(seconds[f"ours, {what}"] / seconds[f"rclone, {what}"], 2)
        for what in _ORDER
        if f"rclone, {what}" in seconds
    }
    told = {
        "seconds": seconds,
        "processor's seconds": worked,
        "load": [round(load, 1) for load in os.getloadavg()],
        "ours / rclone": ratios or "no rclone here",
    }
    print(json.dumps(told, indent=2))
    return 1 if any(ratio > 1 for ratio in ratios.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
