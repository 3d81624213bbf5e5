"""What is said of several vaults when they are not all well."""

from collections.abc import Iterator

from liferaft.vault.attendance import Roll
from liferaft.vault.away import UNKNOWN, AwayNote
from liferaft.vault.contract import Damaged, VaultFailure


def told_at_first(roll: Roll) -> Iterator[str]:
    """Before anything else of a command: which vault is not well, since when, and what nobody can
    know then."""
    for name in roll.names:
        if name in roll.silent:
            known = roll.note_before(name)
            since = "" if known is None else f", away{_since(known)}"
            yield (
                f"WARNING: vault {name} does not answer{since}: {_why(roll.silent[name])} Vault "
                f"{roll.leading} leads. What somebody claimed in {name} alone, who did not reach "
                f"{roll.leading}, cannot be known now: make sure that nobody else moves the "
                "application."
            )
        elif name in roll.lacking:
            note = roll.lacking[name]
            yield f"Vault {name} is incomplete{_since(note)}: {_why(note)} {_way_of(roll, name)}"
    if roll.leading in roll.unfit:
        yield (
            f"WARNING: vault {roll.leading} leads and cannot refuse a second claim: of two "
            "commands at once each may believe that it is alone. Make sure that nobody else runs "
            "one."
        )


def told_of_loss(name: str, failure: VaultFailure, leading: str) -> str:
    return (
        f"WARNING: vault {name} is left out for the rest of this command: {failure}. Vault "
        f"{leading} leads."
    )


def told_of_refusal(name: str, failure: VaultFailure) -> str:
    return f"WARNING: vault {name} did not take it, another one did: {failure}"


def told_of_another_claim(name: str, key: str) -> str:
    return (
        f"WARNING: vault {name} has another {key} than was claimed here: two commands ran at once, "
        "each of which saw another vault alone. Neither was overwritten. Look at `liferaft status` "
        "and ask who else works before anything else is done."
    )


def told_of_damage(damage: Damaged, vault: str) -> str:
    return f"WARNING: {damage}. It was read from vault {vault}, which has it whole."


def _why(note: AwayNote) -> str:
    return f"{note.why.rstrip('.')}."


def _since(note: AwayNote) -> str:
    return "" if note.since == UNKNOWN else f" since {note.since}"


def _way_of(roll: Roll, name: str) -> str:
    if name == roll.leading:
        return "No vault that answers is known to be complete: what all of them have is used."
    return (
        f"Vault {roll.leading} leads; the next deploy, snapshot or failover brings what is lacking."
    )
