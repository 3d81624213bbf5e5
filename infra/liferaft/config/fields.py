"""Kinds of values that fields of several sections take."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr, StringConstraints

from liferaft.clouds.registry import CLOUDS
from liferaft.config.data import usable_app_name
from liferaft.config.urls import origin
from liferaft.config.values import (
    AGE_RECIPIENT,
    DOMAIN,
    ENVIRONMENT,
    NAME,
    file_reference,
    ipv4,
    named_variable,
    printable,
    recipient,
    shown,
)

Name = Annotated[str, StringConstraints(pattern=NAME)]
Domain = Annotated[str, StringConstraints(pattern=DOMAIN, max_length=253)]
AppName = Annotated[str, StringConstraints(pattern=NAME), AfterValidator(usable_app_name)]
Filled = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(printable)]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Origin = Annotated[str, AfterValidator(origin)]
Address = Annotated[str, AfterValidator(ipv4)]
FileReference = Annotated[str, AfterValidator(file_reference)]
VariableName = Annotated[StrictStr, AfterValidator(named_variable)]
"""`env/NAME`, of what is a secret."""
Recipient = Annotated[
    str, StringConstraints(pattern=f"{AGE_RECIPIENT}|{ENVIRONMENT}"), AfterValidator(recipient)
]
LARGEST = 1024**5
"""Bytes: no machine has a pebibyte of anything."""
SMALLEST_DISK = 20 * 1024**3
"""Bytes: what the system, the images and a small database need."""


def _known(cloud: str) -> str:
    if cloud not in CLOUDS:
        raise ValueError(f"{shown(cloud)} is not valid here")
    return cloud


_NAMED = [f"{cloud.name} {cloud.about}".strip() for cloud in CLOUDS.values()]
CLOUDS_TOLD = f"{', '.join(_NAMED[:-1])}, or {_NAMED[-1]}"
CloudName = Annotated[StrictStr, AfterValidator(_known)]
