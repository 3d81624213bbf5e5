"""Everything that a sandbox is made of and that is built once: image trees, the package mirror,
the store that no registry has compiled."""

import sys
from dataclasses import dataclass
from pathlib import Path

from liferaft.failures import BadInput
from liferaft_sandbox.failures import MachineLacks, SandboxFailed
from liferaft_sandbox.lab.images import Say, build, read_recipe
from liferaft_sandbox.lab.systems import System, chosen_system, system_named
from liferaft_sandbox.state import cache_folder
from liferaft_sandbox.vendors.packages import build_mirror
from liferaft_sandbox.vendors.versity import build_versity


@dataclass(frozen=True)
class Built:
    """Folders in the cache, and one file."""

    plain: Path
    """The clouds' own Debian."""
    equipped: Path
    """The same with everything installed that moves ask for."""
    vendors: Path
    packages: Path
    versitygw: Path


def build_all(cache: Path, say: Say, system: System) -> Built:
    """All that hosts of this system need, built unless it is there. Raises MachineLacks or
    SandboxFailed."""
    plain, host, vendors = (
        build(read_recipe(name, system), cache, say) for name in ("plain", "host", "vendors")
    )
    mirror, versitygw = build_mirror(system, plain, cache, say), build_versity(cache, say)
    return Built(plain, host, vendors, packages=mirror, versitygw=versitygw)


def main(arguments: list[str]) -> int:
    """`python -m liferaft_sandbox.build [SYSTEM]...`: progress on stderr."""

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the edge

    try:
        for system in [system_named(name) for name in arguments] or [chosen_system()]:
            build_all(cache_folder(), say, system)
    except (BadInput, MachineLacks, SandboxFailed) as failure:
        facts = failure.facts
        for line in (facts.happened, facts.do, *facts.details.values()):
            if line:
                say(line)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
