"""The crowd as a process: one line on stderr when it starts, records in `--out`, ends at SIGTERM.

    python -m liferaft_sandbox.users --base https://chirp.test --resolvers 198.18.10.11 \
        --ca lab.crt --out build/users
"""

import argparse
import asyncio
import sys
from pathlib import Path

from .crowd import Load, run


def main() -> None:
    """Parse, run until the end."""
    parser = argparse.ArgumentParser(prog="liferaft_sandbox.users", description="A crowd of users.")
    parser.add_argument("--base", required=True, help="https://NAME of the application")
    parser.add_argument("--resolvers", required=True, help="addresses, separated by commas")
    parser.add_argument("--ca", type=Path, help="authorities to trust instead of the system's")
    parser.add_argument("--out", type=Path, required=True, help="folder for answers.jsonl")
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--rate", type=float, default=8.0, help="requests per second, of all users")
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--spread", type=float, default=0.0, help="seconds in which they come in")
    parser.add_argument(
        "--slow-line", action="store_true", help="one user uploads all the time, slowly"
    )
    given = parser.parse_args()
    load = Load(
        base=given.base,
        resolvers=given.resolvers.split(","),
        ca_file=given.ca,
        users=given.users,
        requests_per_second=given.rate,
        seconds=given.seconds,
        seed=given.seed,
        spread=given.spread,
        slow_line=given.slow_line,
    )
    sys.stderr.write(f"{load.users} users at {load.base}, records in {given.out}\n")
    asyncio.run(run(load, given.out))


if __name__ == "__main__":
    main()
