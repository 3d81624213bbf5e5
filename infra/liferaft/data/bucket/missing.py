"""The names of what rows name and a restore did not bring, read from the server that has them all.

All that can be brought is back by then: no failover stops on a list of names.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from liferaft.data.bucket.progress import CopyProgress
from liferaft.data.bucket.telling import names_file
from liferaft.failures import Failure
from liferaft.remote.acts import QUICK
from liferaft.remote.contract import Host

JOURNALED: Final = 10_000
"""Names of missing objects that go into the journal."""
JOURNALED_BYTES: Final = 2 * 1024**2
"""Of these with their reasons: a host's answer has an end, and so has a line's patience."""
_log = logging.getLogger(__name__)


async def missing_facts(host: Host, bucket: str, done: CopyProgress) -> Mapping[str, Any]:
    """What a step's facts say: how many, and their names as far as both limits go; the first of
    them where the server does not tell the rest."""
    if not done.missing_count:
        return {"missing_count": 0}
    told = ["head", "-n", str(JOURNALED), names_file(bucket, "missing")]
    cut = ["bash", "-c", '"$@" | head -c "$0"', str(JOURNALED_BYTES), *told]
    try:
        said = await host.run(cut, deadline=QUICK, check=False)
    except Failure as failure:
        _log.warning("%s", failure)
        return {"missing_count": done.missing_count, "missing": list(done.missing)}
    return {"missing_count": done.missing_count, "missing": list(_keys(said.stdout))}


def _keys(lines: bytes) -> Iterator[str]:
    """The last line may be cut off."""
    for line in lines.splitlines():
        with suppress(ValueError):
            yield json.loads(line)["key"]
