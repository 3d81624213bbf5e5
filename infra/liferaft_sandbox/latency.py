"""The option for how far the places of a sandbox are apart."""

import re
from typing import Any

import click

from liferaft_cli import options

MOST_MILLISECONDS = 1000
_MILLISECONDS = re.compile(r"(\d{1,4}(?:\.\d+)?) ?ms")


class Milliseconds(click.ParamType[float]):
    """A round trip such as 80ms; its value is in seconds."""

    name = "MILLISECONDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Refused without a unit: 80 might be meant as seconds."""
        if isinstance(value, float):
            return value
        found = _MILLISECONDS.fullmatch(str(value))
        if found is None or float(found[1]) > MOST_MILLISECONDS:
            self.fail(
                f"it is no round trip such as 80ms, up to {MOST_MILLISECONDS}ms. Nothing was done.",
                param,
                ctx,
            )
        return float(found[1]) / 1000


latency_option = options.option(
    "--latency",
    type=Milliseconds(),
    metavar="80ms",
    default=0.0,
    help="The round trip between any two places; as near as this machine has them without.",
)
