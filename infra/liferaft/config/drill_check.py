"""What a drill asks the application of its own work: a URL, or a command in a container."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError

from liferaft.config.fields import Filled
from liferaft.config.section import Section
from liferaft.config.urls import health_url
from liferaft.config.values import shown

SECONDS: Final = 60
LONGEST_CHECK: Final = 3600
CHECK_TOLD: Final = (
    "an https URL on the app's domain, without a port; or a command in a service's container, such "
    'as {service = "web", command = ["python", "smoke.py"]}'
)


class CheckCommand(Section):
    """It ends with 0 where the application does its work. Run in the container of a service as it
    serves in the drill, for as many seconds as `within` says at most."""

    service: Filled
    command: tuple[Filled, ...] = Field(min_length=1, max_length=50)
    within: Annotated[int, Field(ge=1, le=LONGEST_CHECK)] = SECONDS


def _check(value: Any) -> Any:
    """Raises ValueError."""
    if isinstance(value, str):
        return health_url(value)
    if isinstance(value, CheckCommand):
        return value
    if not isinstance(value, dict):
        raise ValueError("it is neither a URL nor a command")  # noqa: TRY004 - pydantic's word
    try:
        return CheckCommand.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(shown(str(part))[1:-1] for part in first["loc"])
        raise ValueError(f"its {key} is not valid: {first['msg'].lower()}") from error


Check = Annotated[str | CheckCommand, BeforeValidator(_check)]
