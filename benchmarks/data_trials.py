"""What the trials of data are given: said apart, since who plans trials needs no lab for it."""

from typing import Final

COMPARED: Final = ("backup", "restore", "bucket", "bucket back", "image", "image back")
"""What is compared with the raw tools."""
LOADS: Final = {"light": (1, 1.0), "heavy": (8, 0.0)}
"""Users, and seconds between two writes of each."""
