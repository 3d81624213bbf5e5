"""All runs of a vault with their verdicts: each that has no report of all its events gets one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from liferaft.evidence.document import Document
from liferaft.evidence.kept import keep_report, stored_document
from liferaft.evidence.report import all_runs
from liferaft.failures import Failure
from liferaft.journal import RunName
from liferaft.secrets import Signer
from liferaft.vault import Vault, layout


@dataclass(frozen=True)
class ListedRun:
    """A row. state: `unreadable` where the journal has no beginning, and `sentence` says why. cost:
    of a drill, in `currency`; None where it is not known. data_only: of the data alone. without:
    vendors that a drill was played without."""

    run: str
    move: str
    site: str
    began: str
    state: str
    sentence: str
    seconds: float | None = None
    rto: float | None = None
    rpo: float | None = None
    cost: float | None = None
    currency: str = ""
    data_only: bool = False
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def listed(
    vault: Vault,
    newest: int | None,
    signer: Signer | None = None,
    *,
    among: tuple[str, ...] = (layout.RUNS, layout.DRILL_RUNS),
) -> list[ListedRun]:
    """The newest first; None: all of them. What is rendered is signed; signatures that are there
    are not looked at. among: of moves, of drills, or of both. Blocks."""
    lengths = _lengths(vault)
    names = [name for name in all_runs(vault) if name.among in among][:newest]
    return [_row(vault, name, lengths.get(str(name), 0), signer) for name in names]


def _lengths(vault: Vault) -> Mapping[str, int]:
    """By run, the number of its last event."""
    found: dict[str, int] = defaultdict(int)
    for among in (layout.RUNS, layout.DRILL_RUNS):
        for key in vault.list(among):
            run = layout.run_name(key, among) or ""
            found[run] = max(found[run], layout.event_number(run, key, among) or 0)
    return found


def _row(vault: Vault, name: RunName, length: int, signer: Signer | None) -> ListedRun:
    document = stored_document(vault, name)
    if document is None or document.journal.events != length:
        try:
            document = keep_report(vault, name, signer).document
        except Failure as failure:
            said = failure.facts.happened
            return ListedRun(str(name), "", "", "", "unreadable", said)
    return told(document)


def told(document: Document) -> ListedRun:
    return ListedRun(
        document.run,
        document.move,
        document.site,
        document.began,
        document.verdict.state,
        document.verdict.sentence,
        document.seconds,
        document.rto.seconds if document.rto else None,
        document.rpo.seconds if document.rpo else None,
        document.spent.amount if document.spent else None,
        document.spent.currency if document.spent else "",
        document.data_only,
        document.without,
    )
