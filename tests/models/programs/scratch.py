"""Our program that tries a backup beside the cluster that lives: what is whole comes back."""

import json
from typing import Any

from tests.models.call import Call
from tests.models.machine import program
from tests.models.programs.postgres import PACKAGE
from tests.models.programs.repository import repositories

from liferaft.data.postgres.wal import SEGMENT_BYTES, format_lsn


@program("liferaft-postgres-scratch", package=PACKAGE)
async def liferaft_postgres_scratch(call: Call) -> int:
    order = json.loads(call.stdin.rest())
    (one,) = repositories(call.machine, order["config"])
    kept = one.store.get(f"{one.path}/backup/main/{order['label']}/backup.manifest")
    answer: dict[str, Any] = {"seconds": {}, "tables": [], "lsn": "", "system_id": ""}
    if kept is None:
        fault = {"fault": "restore", "said": "[055]: unable to load info file", "code": 55}
    else:
        cluster = json.loads(kept)["cluster"]
        table = {"table": "public.post", "percent": 100, "rows": 1, "digest": "7"}
        answer |= {"system_id": cluster["system_id"], "tables": [table]}
        answer["lsn"] = order["lsn"] or format_lsn(cluster["segment"] * SEGMENT_BYTES)
        fault = {"fault": "", "said": "", "code": 0}
    call.say(f"{json.dumps(answer | fault)}\n")
    return 0
