"""The table [notify]: who is told when a drill fails, is missed or is slow."""

from typing import Final

from pydantic import Field

from liferaft.config.fields import VariableName
from liferaft.config.section import Section

_URLS: Final = "a list of env/NAME, each of a variable that holds an apprise URL"


class NotifyConfig(Section):
    """urls: variables with the addresses of those who are told, in the words of apprise
    (https://github.com/caronc/apprise/wiki): each is a secret."""

    urls: tuple[VariableName, ...] = Field(default=(), description=_URLS)
