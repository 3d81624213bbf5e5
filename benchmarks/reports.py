"""What a measurement leaves behind."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_report(folder: Path | None, found: Mapping[str, Any]) -> None:
    """FOLDER/report.json, from which a trial's record takes its figures; nothing without a folder,
    which is made where it is not there."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(found, indent=2) + "\n")
