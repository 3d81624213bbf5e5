"""The API's errors: https://docs.hetzner.cloud/reference/cloud#errors.

The codes are documented. HTTP statuses are documented only for some; the others are assumed
(clients act on the code alone).
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal as the API words it."""

    def __init__(
        self, status: int, code: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON that a client gets."""
        error = {"code": self.code, "message": self.message, "details": self.details}
        return {"error": error}


def invalid_input(problems: dict[str, list[str]]) -> ApiError:
    """One error for all fields that are wrong, each with its messages."""
    names = ", ".join(f"'{name}'" for name in problems)
    fields = [{"name": name, "messages": messages} for name, messages in problems.items()]
    plural = "s" if len(problems) > 1 else ""
    return ApiError(
        422, "invalid_input", f"invalid input in field{plural} {names}", {"fields": fields}
    )


def invalid_field(name: str, message: str) -> ApiError:
    """`invalid_input` for a single field."""
    return invalid_input({name: [message]})


def not_found(kind: str, key: object) -> ApiError:
    return ApiError(404, "not_found", f"{kind} with ID '{key}' not found")


def no_such_reference(field: str, kind: str, key: object) -> ApiError:
    """A body names something that does not exist."""
    return invalid_field(field, f"{kind} with ID or name '{key}' not found")


def not_unique(field: str, kind: str) -> ApiError:
    return ApiError(
        409,
        "uniqueness_error",
        f"{kind} {field} is already used",
        {"fields": [{"name": field, "messages": ["must be unique"]}]},
    )


def locked(kind: str) -> ApiError:
    return ApiError(423, "locked", f"{kind} is locked: another action is running on it")


def protected(kind: str) -> ApiError:
    return ApiError(403, "protected", f"{kind} is protected against deletion")


def in_use(message: str) -> ApiError:
    return ApiError(422, "resource_in_use", message)


def unsupported(message: str) -> ApiError:
    """Also said where only the sandbox, not Hetzner, is unable; the message then says so."""
    return ApiError(422, "unsupported_error", message)
