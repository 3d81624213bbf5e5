"""Secrets are drawn in the forms that applications ask for."""

import base64
import re

import pytest

from liferaft.config.app_secrets import SecretConfig
from liferaft.secrets.drawing import draw


def test_a_key_of_laravels_is_32_bytes_behind_its_prefix() -> None:
    declared = SecretConfig(generate="base64", prefix="base64:")
    first, second = draw(declared), draw(declared)
    assert first != second
    assert len(base64.b64decode(first.removeprefix("base64:"))) == 32


def test_each_form_has_the_strength_that_was_asked_for() -> None:
    assert re.fullmatch(r"[0-9a-f]{128}", draw(SecretConfig(generate="hex", length=64)))
    assert re.fullmatch(r"[A-Za-z0-9]{40}", draw(SecretConfig(generate="letters", length=40)))
    fernet = draw(SecretConfig(generate="base64url"))
    assert len(base64.urlsafe_b64decode(fernet)) == 32


def test_one_that_an_operator_sets_is_never_made_up() -> None:
    with pytest.raises(ValueError, match="operator"):
        draw(SecretConfig())
