"""What is damaged, or written by somebody who was mistaken: proofs too long for `make test`.

Each module here is one proof, a program that takes `--seed` and `--report FOLDER`, writes its
figures to `report.json` in that folder, and ends with 0 when all that it promises was kept.
"""

PROOFS = ("configurations", "command_lines", "flips")
"""Modules of this package, in the order in which `make trials ONLY=damage` runs them."""
