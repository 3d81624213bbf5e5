"""The engine's own errors. What a program or a provider did wrong is a diagnostic instead."""

from liferaft.failures import BadInput, Failure, Held, Refused, VendorFailure

RUN_WITH_CLI = "Run this with the Pulumi CLI: it reads and writes the same state."


class EngineLacks(Refused):
    """The program or the state uses something that the embedded engine does not know."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The embedded engine does not support {what}.",
            safe="Nothing was done about it.",
            do=RUN_WITH_CLI,
        )


class Locked(Held):
    """Another operation holds the stack."""


class WrongPassphrase(BadInput):
    """The passphrase does not open this state."""


class BadProgram(BadInput):
    """The program's folder is not one that can be run."""


class StateUnreadable(Refused):
    """What rests in the state's place is not a checkpoint of version 3."""


class StateDamaged(StateUnreadable):
    """The state is not what was written: it does not have the digest that it carries."""


class StateUnreachable(VendorFailure):
    """The store did not answer, or refused us, within its budget of tries."""


class EngineDied(Failure):
    """The engine's process ended without saying how the operation went."""
