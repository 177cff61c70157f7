"""Errors become responses here, and only here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import falcon
import falcon.asgi
import msgspec

from pisovereign.errors import (
    BadRequest,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    PiSovereignError,
    RateLimited,
    UnsupportedMediaType,
)
from pisovereign.logs import log_unexpected, request_id

PROBLEM_JSON = "application/problem+json"


def error_object(error: PiSovereignError) -> dict[str, Any]:
    """Return the inside of the error envelope; also the data of a stream's `error` event."""
    body: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "details": error.details,
        "request_id": request_id.get(),
    }
    if isinstance(error, RateLimited):
        body["retry_after"] = error.retry_after
    return body


ErrorForm = Callable[[PiSovereignError], tuple[int, msgspec.Struct]]
"""The status and the body of an error, where other programs expect one of their own."""
_NO_FORMS: Mapping[str, ErrorForm] = {}


def add_error_handlers(
    app: falcon.asgi.App[Any, Any], forms: Mapping[str, ErrorForm] = _NO_FORMS
) -> None:
    """Translate every exception that leaves a responder or a middleware.

    Args:
        app: what serves the routes.
        forms: other forms of errors, by what the paths begin with that have them.
    """

    async def handle(
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        error: Exception,
        params: dict[str, Any],
    ) -> None:
        ours = _ours(error, req)
        for start, form in forms.items():
            if req.path.startswith(start):
                _respond_in(form, resp, ours)
                return
        _respond(req, resp, ours)

    app.add_error_handler(Exception, handle)
    # Falcon has a handler of its own for these.
    app.add_error_handler(falcon.HTTPError, handle)


def _ours(error: Exception, req: falcon.asgi.Request) -> PiSovereignError:
    if isinstance(error, PiSovereignError):
        return error
    if isinstance(error, falcon.HTTPError):
        return _translate(error, req)
    log_unexpected(error)
    return InternalError("An internal error occurred")


def _respond_in(form: ErrorForm, resp: falcon.asgi.Response, error: PiSovereignError) -> None:
    _begin(resp, error)
    resp.status, body = form(error)
    resp.content_type = "application/json; charset=utf-8"
    resp.data = msgspec.json.encode(body)


def _begin(resp: falcon.asgi.Response, error: PiSovereignError) -> None:
    resp.status = error.status
    resp.stream = None
    for name, value in error.headers.items():
        resp.set_header(name, value)


def _translate(error: falcon.HTTPError, req: falcon.asgi.Request) -> PiSovereignError:
    match error:
        case falcon.HTTPRouteNotFound() | falcon.HTTPNotFound():
            return NotFound("No such resource")
        case falcon.HTTPMethodNotAllowed():
            allowed = dict(error.headers or {}).get("Allow", "")
            return MethodNotAllowed(
                f"{req.method} is not supported here", allowed=allowed.split(", ")
            )
        case falcon.HTTPContentTooLarge():
            return PayloadTooLarge("The request body is too large")
        case falcon.HTTPUnsupportedMediaType():
            return UnsupportedMediaType("The request body's encoding is not supported")
        case _ if error.status_code < 500:
            return BadRequest(error.description or error.title or "The request cannot be read")
        case _:
            return InternalError("An internal error occurred")


def _respond(req: falcon.asgi.Request, resp: falcon.asgi.Response, error: PiSovereignError) -> None:
    _begin(resp, error)
    body = error_object(error)
    if PROBLEM_JSON in (req.get_header("Accept") or ""):
        resp.content_type = PROBLEM_JSON
        problem = {
            "type": "about:blank",
            "title": falcon.code_to_http_status(error.status).partition(" ")[2],
            "status": error.status,
            "detail": body.pop("message"),
        }
        resp.data = msgspec.json.encode(problem | body)
    else:
        resp.content_type = "application/json; charset=utf-8"
        resp.data = msgspec.json.encode({"error": body})
