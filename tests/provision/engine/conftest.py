"""What every test of the engines shares."""

import hashlib
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace

import pytest

from liferaft.provision.engine.state import passphrase


@pytest.fixture(scope="session", autouse=True)
def keys_derived_once() -> Iterator[None]:
    """A key takes most of a second, as it should; for one phrase and salt it is always the same."""
    with pytest.MonkeyPatch.context() as patch:
        derived = SimpleNamespace(pbkdf2_hmac=cache(hashlib.pbkdf2_hmac))
        patch.setattr(passphrase, "hashlib", derived)
        yield
