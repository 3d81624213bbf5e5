"""Failures of the sandbox itself. It is a world of its own, so they do not name product rooms."""

from liferaft.failures import DeadlinePassed, Failure, Held, Refused


class SandboxFailed(Failure):
    """Something the sandbox is made of did not do its work."""


class MachineLacks(Refused):
    """This machine cannot hold a sandbox: a right, a kernel ability or a program is missing."""


class NoSuchSandbox(Refused):
    """No sandbox of that name is up."""


class AlreadyUp(Held):
    """A sandbox of that name is up."""


class NotReadyInTime(DeadlinePassed):
    """A part of the sandbox did not answer before its deadline."""
