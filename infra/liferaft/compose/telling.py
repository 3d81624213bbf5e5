"""Collects what is wrong while a file is read on: one mistake does not hide the next."""

from collections.abc import Iterator
from contextlib import contextmanager

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.values import NotAccepted


class Telling:
    """What is wrong with one service. findings: so far."""

    def __init__(self, name: str) -> None:
        self.findings = list[ComposeFinding]()
        self._place = f"services.{name}"

    @contextmanager
    def at(self, node: YamlNode, key: str = "") -> Iterator[None]:
        """What is not accepted inside is a finding about this node."""
        try:
            yield
        except NotAccepted as error:
            self.find(node, key, str(error), error.valid)
        except (KeyError, TypeError, ValueError, AttributeError):
            # The shape is another than the specification's: its schema says so.
            pass

    def find(self, node: YamlNode, key: str, reason: str, valid: str) -> None:
        place = f"{self._place}.{key}" if key else self._place
        self.findings.append(node.found(place, reason, valid))
