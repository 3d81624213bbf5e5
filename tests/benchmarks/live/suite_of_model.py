"""Plays the contract suite against the modelled cloud as if it were real: FOLDER, LIMIT.

In a process of its own: the suite is pytest's, and puts the real cloud in the place of all others.
"""

import sys
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.live.modelled import Played

played = Played(Path(sys.argv[1]), limit=float(sys.argv[2]))
replace(played.run, parts=("contract",)).play()
sys.stdout.write(str(len(played.cloud.holds.things)))
