"""`liferaft-postgres-scratch`: the order comes over standard input, the answer is the last line."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .cluster import ask, make_room, restore, started
from .order import NotProven, ScratchAnswer, ScratchOrder
from .programs import run
from .watch import start_watching

_FACTS = """
select pg_current_wal_lsn() || ' ' || (select system_identifier from pg_control_system())
"""


def main(_: Sequence[str]) -> int:
    order = ScratchOrder.read(sys.stdin.read())
    answer = ScratchAnswer()
    try:
        make_room(order)
        start_watching(order)
        prove(order, answer)
    except NotProven as fault:
        answer.fault, answer.said, answer.code = fault.what, str(fault), fault.code
    sys.stdout.write(f"{answer.to_json()}\n")
    sys.stdout.flush()
    return 0


def prove(order: ScratchOrder, answer: ScratchAnswer) -> None:
    """Raises NotProven; the answer has what was found until then."""
    with _timed(answer, "restore"):
        restore(order)
    begun = time.monotonic()
    with started(order):
        answer.seconds["replay"] = time.monotonic() - begun
        answer.lsn, answer.system_id = ask(order, _FACTS).split()
        with _timed(answer, "structure"):
            run(
                [
                    *(f"{order.binaries}/pg_amcheck", "-h", str(order.socket), "--all"),
                    *("--jobs=2", "--install-missing", "--heapallindexed"),
                ],
                "structure",
            )
        with _timed(answer, "tables"):
            rows = ask(order, order.questions, database=order.database).splitlines()
            answer.tables = [json.loads(row) for row in rows if row.startswith("{")]
    with _timed(answer, "pages"):
        run([f"{order.binaries}/pg_checksums", "--check", "-D", str(order.data)], "pages")


@contextmanager
def _timed(answer: ScratchAnswer, what: str) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    finally:
        answer.seconds[what] = round(time.monotonic() - begun, 3)
