"""What a drill's servers may call besides the vaults, as an operator writes it."""

import pytest
from pydantic import ValidationError

from liferaft.config.drills import DrillConfig


@pytest.mark.parametrize(
    "written", ["api.example", "api.example:443", "192.0.2.7", "192.0.2.7:65535", "mail"]
)
def test_a_name_or_an_address_is_taken_with_a_port_and_without(written: str) -> None:
    assert DrillConfig.model_validate({"allow": (written,)}).allow == (written,)


@pytest.mark.parametrize(
    "written", ["", ":443", "api.example:", "api.example:0", "api.example:65536", "*.example", "A"]
)
def test_what_is_no_host_or_no_port_is_told(written: str) -> None:
    with pytest.raises(ValidationError, match="is no host name, with a port or without"):
        DrillConfig.model_validate({"allow": (written,)})
