"""Recovery points: manifest, taking one, finding the newest whole one."""
