"""A workload as the vault may show it: names, images, and marks in place of values.

Values may be secret. A mark tells that a value has changed, and nobody makes one who does not know
the application's own secret key.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from liferaft.compose.application import Compose
from liferaft.compose.service import Service

Services = Mapping[str, Mapping[str, Any]]
"""Services by name. Each has its `image`, and `environment` and `others`: names with marks of their
values."""
_APART: Final = frozenset({"image", "environment"})
_MARK_DIGITS: Final = 16


def marked(services: Compose, secret: str | None) -> Services:
    """Services as the vault may show them. Without the app's secret there are no marks of values,
    and what is told so can be compared by names alone. Pure."""
    return {name: _marked(service, secret) for name, service in services.services.items()}


def _marked(service: Service, secret: str | None) -> Mapping[str, Any]:
    others = (field.name for field in fields(service) if field.name not in _APART)
    return {
        "image": service.image,
        "environment": {name: _mark(value, secret) for name, value in service.environment},
        "others": {name: _mark(getattr(service, name), secret) for name in others},
    }


def _mark(value: object, secret: str | None) -> str:
    if secret is None:
        return ""
    text = json.dumps(value, default=vars).encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()[:_MARK_DIGITS]
