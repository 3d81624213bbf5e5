"""Which site a drill tries, by what the operator calls it. Pure."""

from liferaft.config import Config
from liferaft.failures import BadInput


def drilled_site(config: Config, name: str) -> str:
    """A site of this name, or the only one at the cloud of this name. Raises BadInput."""
    if name in config.sites:
        return name
    there = [site for site, declared in config.sites.items() if declared.cloud == name]
    if len(there) == 1:
        return there[0]
    if there:
        raise BadInput(
            f"liferaft.toml names several sites at {name}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(sorted(there))}",
        )
    clouds = sorted({declared.cloud for declared in config.sites.values()})
    raise BadInput(
        f"liferaft.toml names no site {name}, and none at a cloud of that name",
        safe="Nothing was done.",
        do=f"Name one of: {', '.join(sorted(config.sites))}; or a cloud: {', '.join(clouds)}",
    )


def only_standby(config: Config, reigns: str) -> str:
    """The only site that does not reign. Raises BadInput."""
    names = [name for name in config.sites if name != reigns]
    if len(names) == 1:
        return names[0]
    raise BadInput(
        "There are several sites that a drill could try"
        if names
        else "There is no site that a drill could try",
        safe="Nothing was done.",
        do=f"Name one of: {', '.join(sorted(names))}." if names else "Declare a standby.",
    )
