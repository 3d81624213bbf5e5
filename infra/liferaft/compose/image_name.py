"""Names of container images, whole and short, as podman takes them."""

import re
from collections.abc import Collection
from typing import Final

DEFAULT_TAG: Final = "latest"
LOCAL: Final = "localhost"
_DOCKER: Final = "docker.io"
_OFFICIAL: Final = "library"
_REFERENCE: Final = re.compile(
    r"(?P<domain>[A-Za-z0-9.-]+(?::\d+)?)/"
    r"(?P<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
    r":(?P<tag>\w[\w.-]{0,127})",
    re.ASCII,
)


def whole(name: str) -> str:
    """The name that podman makes of a short one: `web` is `localhost/web:latest`.

    Raises ValueError for what is no name of an image.
    """
    first, separator, rest = name.partition("/")
    if not (separator and (_is_domain(first))):
        first, rest = LOCAL, name
    if first in (f"index.{_DOCKER}", _DOCKER):
        first, rest = _DOCKER, rest if "/" in rest else f"{_OFFICIAL}/{rest}"
    if ":" not in rest:
        rest = f"{rest}:{DEFAULT_TAG}"
    found = f"{first}/{rest}"
    if not _REFERENCE.fullmatch(found):
        raise ValueError(f"{name!r} is no name of an image")
    return found


def named_registry(name: str) -> str:
    """The registry that the name itself says; nothing where it says none, or `localhost`."""
    first, separator, _ = name.partition("/")
    return first if separator and _is_domain(first) and first != LOCAL else ""


def of_registry(name: str) -> str:
    """The whole name at a registry, which is Docker Hub where it says none, as for Docker."""
    first, separator, _ = name.partition("/")
    return whole(name if separator and _is_domain(first) else f"{_DOCKER}/{name}")


def _is_domain(part: str) -> bool:
    return "." in part or ":" in part or part == LOCAL


def is_found(image: str, held: Collection[str]) -> bool:
    """A short name is looked for behind every registry and folder that podman has it from."""
    if "/" in image and _is_domain(image.partition("/")[0]):
        return whole(image) in held
    return any(name.endswith(f"/{image}") for name in held)
