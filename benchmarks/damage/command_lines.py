"""`python -m benchmarks.damage.command_lines`: command lines of nonsense, each answered in words.

They are those of tests/cli/test_fuzz.py, of which `make test` tries a share.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

from tests.share import AMOUNT, SEED

ROOT = Path(__file__).parent.parent.parent
TESTS = "tests/cli/test_fuzz.py"
LINES = 500
SECONDS = 900


def told(xml: Path) -> dict[str, int]:
    """How many command lines were tried, and how many tests of them failed."""
    cases = list(Xml.parse(xml).iter("testcase")) if xml.exists() else []  # noqa: S314  # our own
    tried = [int(one.attrib["value"]) for case in cases for one in case.iter("property")]
    failed = [case for case in cases if case.find("failure") is not None]
    return {"command_lines": sum(tried), "failed_tests": len(failed)}


def main() -> int:
    """0 when every command line was answered as promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage.command_lines")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=LINES)
    parser.add_argument("--report", type=Path, required=True)
    given = parser.parse_args()
    given.report.mkdir(parents=True, exist_ok=True)
    xml, scratch = given.report.absolute() / "tests.xml", given.report.absolute() / "scratch"
    done = subprocess.run(
        # A place of its own: the usual one is cleared of what earlier runs of pytest left.
        [sys.executable, "-m", "pytest", TESTS, f"--junitxml={xml}", f"--basetemp={scratch}"],
        cwd=ROOT,
        env={**os.environ, SEED: str(given.seed), AMOUNT: str(given.count)},
        check=False,
        timeout=SECONDS,
    )
    figures = told(xml)
    (given.report / "report.json").write_text(json.dumps(figures, indent=2) + "\n")
    return done.returncode or figures["command_lines"] < given.count


if __name__ == "__main__":
    sys.exit(main())
