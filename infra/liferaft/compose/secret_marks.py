"""What stands in texts of a Compose file for a secret of the application's, by its name.

Plans, comparisons and all that is made of the file without the operators' identity know no value:
it comes in where files for a server are written.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

_BEGIN, _END = "\ue000liferaft-secret:", "\ue001"
"""Of Unicode's private use: no file means anything by them."""
_MARK: Final = re.compile(rf"{_BEGIN}([A-Za-z0-9_.-]+){_END}")


_NAMED: Final = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")


def mark(name: str) -> str:
    """What stands for the secret of this name."""
    return f"{_BEGIN}{name}{_END}"


def marked(text: str, secrets: Collection[str]) -> str:
    """A text of liferaft.toml with marks where it names secrets, as `${NAME}`. Whatever else stands
    in braces stays as it is."""
    return _NAMED.sub(lambda found: mark(found[1]) if found[1] in secrets else found[0], text)


def told_in_secret(told: Mapping[str, str], secrets: Collection[str]) -> Mapping[str, str]:
    """Values of liferaft.toml that services are told, each `marked`."""
    return {name: marked(value, secrets) for name, value in told.items()}


def names_in(text: str) -> tuple[str, ...]:
    """Secrets that stand in a text, in their order."""
    return tuple(_MARK.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of marks. Raises KeyError for a secret without one."""
    return _MARK.sub(lambda found: values[found[1]], text)
