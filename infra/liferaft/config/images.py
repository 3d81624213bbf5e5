"""Where the application's container images come from."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ValidationInfo

from liferaft.config.values import in_folder, shown


class ImageSource(StrEnum):
    """A place that has every image, by the name that the Compose file gives it."""

    LOCAL = "local"
    REGISTRY = "registry"


IMAGES_TOLD: Final = (
    "a list of OCI archives, one for each image that is built here; or local, for podman or docker "
    "of this machine; or registry"
)


def _images(value: Any, info: ValidationInfo) -> Any:
    """Raises ValueError."""
    if isinstance(value, str):
        if value not in tuple(ImageSource):
            raise ValueError(f"{shown(value)} is neither a list nor local nor registry")
        return ImageSource(value)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str | Path) for one in value):
        raise ValueError("it is no list of archives")
    return tuple(in_folder(Path(one), info) for one in value)


Images = Annotated[tuple[Path, ...] | ImageSource, BeforeValidator(_images)]
