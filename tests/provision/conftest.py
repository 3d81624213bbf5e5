"""What tests of the provider share."""

import pytest
from tests.provision.served import Provider


@pytest.fixture
async def provider() -> Provider:
    return await Provider().configured()
