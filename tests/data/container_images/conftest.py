"""The application and its vault, for its container images."""

from tests.application import (
    before,
    config,
    configured,
    has_point,
    in_a_bucket,
    reigns,
    vault,
    wide,
    world,
)

__all__ = [
    "before",
    "config",
    "configured",
    "has_point",
    "in_a_bucket",
    "reigns",
    "vault",
    "wide",
    "world",
]
