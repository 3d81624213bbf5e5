"""A call that EC2 refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(code: str, call: Any, **arguments: Any) -> None:
    """The call fails with this error code."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code
