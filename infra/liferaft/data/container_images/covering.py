"""The operator's image archives against what the Compose file asks for."""

from collections.abc import Sequence

from liferaft.compose import application
from liferaft.config import Config
from liferaft.failures import BadInput, Refused
from liferaft.hosts import archives
from liferaft.hosts.archives import Archive
from liferaft.recovery.release import Release, newest
from liferaft.site import image_sources, workload
from liferaft.vault import EpochChain, Vault

NAMES = "names"
"""Fact of an image's part: the names that podman has it by once it is loaded."""


def wanted(config: Config) -> frozenset[str]:
    """Images of the services that servers run. Raises BadInput for an unreadable Compose file."""
    return workload.wanted(config).images


def require_archives(config: Config) -> tuple[Archive, ...]:
    """Every archive, opened. Raises BadInput, naming all that podman could not load."""
    found, failures = [], []
    for path in image_sources.archives_of(config):
        try:
            found.append(archives.read(path))
        except BadInput as failure:
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise BadInput(
            "\n".join(failure.facts.happened for failure in failures),
            safe="Nothing was done.",
            do="Save them again, or correct app.images.",
        )
    archives.distinct(found)
    return tuple(found)


def require_known(config: Config, vault: Vault) -> None:
    """Raise BadInput where nobody says what runs: neither the note of the newest deploy, whose
    images the vault has, nor archives that can be read. Blocks. Raises Damaged."""
    current = EpochChain(vault).current()
    if current is None or newest(vault, current.epoch) is None:
        require_archives(config)


def require_covered(config: Config) -> None:
    """Raise BadInput where no archive holds an image that the Compose file asks for."""
    opened = require_archives(config)
    held = [name for archive in opened for name in archive.names]
    lacking = archives.absent(wanted(config), held)
    if lacking:
        raise BadInput(
            f"No archive of app.images holds {', '.join(lacking)}, which {config.app.compose} "
            f"asks for; they hold {', '.join(sorted(held)) or 'nothing'}",
            safe="Nothing was done.",
            do="Save these images under these names, correct the Compose file, or say where they "
            'are: images = "registry" or images = "local" under [app].',
        )
    _require_architectures(config, opened)


def _require_architectures(config: Config, opened: Sequence[Archive]) -> None:
    services = application.described(config).services
    wrong = []
    for group, server in config.servers.items():
        for name in (name for name in server.runs if name in services):
            built = archives.built_for(services[name].image, opened)
            if built and server.architecture not in built:
                wrong.append(
                    f"{services[name].image} is built for {', '.join(sorted(built))}, and the "
                    f"servers of group {group}, which run {name}, are {server.architecture}"
                )
    if wrong:
        raise BadInput(
            "\n".join(wrong),
            safe="Nothing was done.",
            do="Build it for them (--platform), or change the group's `architecture`.",
        )


def require_kept(config: Config, release: Release, source: str) -> None:
    """Raise Refused where what a failover would start lacks an image of the Compose file.

    Points of earlier versions do not say what their images are called: they are believed.
    """
    parts = [one.facts for one in release.images]
    if not all(NAMES in facts for facts in parts):
        return
    held = [name for facts in parts for name in facts[NAMES]]
    lacking = archives.absent(wanted(config), held)
    if lacking:
        raise Refused(
            f"{source} lacks the image {', '.join(lacking)}, which "
            f"{config.app.compose} asks for; it has {', '.join(sorted(held)) or 'none'}",
            safe="Nothing was done.",
            do="Use the Compose file of that moment; or, while the primary is reached, deploy.",
        )
