"""Whether a site's bucket takes an object, gives it back and lets it go."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from .store import StoreRefused, Unreached
from .task import Task

_BYTES = 4096


def try_object(task: Task) -> Mapping[str, str | None]:
    """`ailment`: what the store does otherwise than it answers, if anything. Leaves nothing. Raises
    StoreRefused and Unreached."""
    key, content = f"liferaft-{secrets.token_hex(16)}", secrets.token_bytes(_BYTES)
    site = task.site
    try:
        site.ask("PUT", key, body=content)
        _, came = site.ask("GET", key)
        if came != content:
            return {"ailment": f"of {len(content)} bytes that were put it gives back others"}
        site.ask("DELETE", key)
        return {"ailment": None if _is_gone(task, key) else "it keeps what was deleted"}
    finally:
        with suppress(StoreRefused, Unreached):  # what broke it off says more
            site.ask("DELETE", key)


def _is_gone(task: Task, key: str) -> bool:
    try:
        task.site.ask("GET", key)
    except StoreRefused as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            return True
        raise
    return False
