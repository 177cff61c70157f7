"""The errors of every route, and the headers of every response."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from pisovereign import errors

ERRORS: tuple[type[errors.PiSovereignError], ...] = (
    errors.BadRequest,
    errors.Unauthorized,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.PayloadTooLarge,
    errors.UnsupportedMediaType,
    errors.ValidationFailed,
    errors.RateLimited,
    errors.InternalError,
    errors.UpstreamError,
    errors.ServiceUnavailable,
    errors.StorageFull,
)
BY_STATUS = {error.status: error for error in ERRORS}
LIMITED = 429
AWAY = 503

REQUEST_ID = "X-Request-Id"
RATE_LIMIT = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
HEADERS: dict[str, dict[str, Any]] = {
    REQUEST_ID: {
        "description": "Names this request in the server's log; a well-formed one is kept",
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {
        "description": "Requests a minute that one address may make",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Remaining": {
        "description": "Requests that are left of them",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Reset": {
        "description": "When all of them are there again, in seconds since the epoch",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next attempt",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-Total-Count": {
        "description": "How many there are, whatever the page",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-Next-Cursor": {
        "description": "What `cursor` takes for the next page; there is none without it",
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where it is found", "schema": {"type": "string"}},
}


class ErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The description of an error; `retry_after` in seconds when there were too many requests."""

    code: str
    message: str
    details: dict[str, Any]
    request_id: str
    retry_after: int | UnsetType = UNSET


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every error."""

    error: ErrorDetail


class TextError(msgspec.Struct, frozen=True):
    """The body of an error where other programs expect no more than a text."""

    error: str


def text_response(status: int, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the response with such an error.

    Args:
        status: Its status.
        schema: That of `TextError`.
    """
    error = BY_STATUS[status]
    described = _response(error, schema)
    described["content"]["application/json"]["example"] = {"error": described["description"]}
    return described


def responses(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the shared error responses by the names of their classes.

    Args:
        schema: That of `ErrorBody`.
    """
    return {error.__name__: _response(error, schema) for error in ERRORS}


def _response(error: type[errors.PiSovereignError], schema: dict[str, Any]) -> dict[str, Any]:
    again = ("Retry-After",) if error.status in (LIMITED, AWAY) else ()
    limits = RATE_LIMIT if error.status != LIMITED else ()
    names = [REQUEST_ID, *limits, *again]
    example = {
        "error": {
            "code": error.code,
            "message": (error.__doc__ or "").partition("\n")[0].rstrip("."),
            "details": {},
            "request_id": "550e8400-e29b-41d4-a716-446655440000",
        }
    }
    return {
        "description": (error.__doc__ or "").partition("\n")[0],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {"application/json": {"schema": schema, "example": example}},
    }
