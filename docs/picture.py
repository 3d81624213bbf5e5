"""Draw the account of a rehearsal as an SVG: `docs/picture.py REPORT.json PICTURE.svg`.

The same code that shows it on the screen draws it; the figures are those of the report.
"""

import io
import json
import re
import sys
from pathlib import Path

from rich.console import Console

from liferaft_sandbox.rehearsal.screen import show

COLUMNS = 92
FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Rich names fonts on a server of others; a picture of ours loads nothing from anywhere."""


def draw(report: Path, picture: Path) -> None:
    """Write `picture`; `report` is a report.json of `liferaft sandbox rehearse`."""
    console = Console(record=True, width=COLUMNS, highlight=False, file=io.StringIO())
    show(json.loads(report.read_text()), console)
    svg = console.export_svg(title="liferaft sandbox rehearse", unique_id="rehearsal")
    picture.write_text(FONTS.sub("", svg))


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
