"""What placeholders of a Compose file stand for: `site`, `epoch` and `domain`, and what each data
set is reached by, as `WORD.KEY` where it is the only one of its word, and as `WORD.NAME.KEY`."""

from collections.abc import Iterator, Mapping
from typing import Final

from liferaft.config import Config
from liferaft.data import registry

OF_SITE: Final = ("site", "epoch", "domain")


def known(config: Config) -> tuple[str, ...]:
    """Every name that stands for something at each site of the application."""
    return (
        *OF_SITE,
        *(
            f"{lead}.{key}"
            for kind, name in registry.kept(config)
            for lead in _leads(config, name)
            for key in kind.placeholder_keys(config)
        ),
    )


def values(
    config: Config, site: str, epoch: int, variables: Mapping[str, Mapping[str, str]]
) -> Mapping[str, str]:
    """By name what it stands for; variables: by data set what its kind tells the application.
    Secrets are among them. Pure."""
    found = {"site": site, "epoch": str(epoch), "domain": config.app.domain}
    for kind, name in registry.kept(config):
        for key, value in kind.placeholders(variables.get(name, {})).items():
            found |= {f"{lead}.{key}": value for lead in _leads(config, name)}
    return found


def _leads(config: Config, name: str) -> Iterator[str]:
    """What a data set is meant by. Kinds without a word have no keys either."""
    words = {called: kind.placeholder_word for kind, called in registry.kept(config)}
    word = words[name]
    if [*words.values()].count(word) == 1:
        yield word
    yield f"{word}.{name}"
