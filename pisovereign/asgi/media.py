"""How responses are written and list parameters are read."""

from __future__ import annotations

import re
from typing import Any

import falcon.asgi
import msgspec

from pisovereign.errors import BadRequest, FieldError, ValidationFailed

LARGEST_OFFSET = (1 << 31) - 1
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_encoder = msgspec.json.Encoder()


def respond(resp: falcon.asgi.Response, body: Any) -> None:
    """Write `body` as JSON; times are RFC 3339 in UTC with `Z`."""
    resp.content_type = "application/json; charset=utf-8"
    resp.data = _encoder.encode(body)


def page(req: falcon.asgi.Request, *, default: int, most: int) -> tuple[int, int]:
    """The query's `limit` (1 to `most`) and `offset`.

    Raises:
        BadRequest: a value that is not a number.
        ValidationFailed: a number out of range; names both when both are wrong.
    """
    limit, offset = _number(req, "limit", default), _number(req, "offset", 0)
    errors: list[FieldError] = []
    if not 1 <= limit <= most:
        errors.append({"field": "limit", "error": f"must be between 1 and {most}"})
    if not 0 <= offset <= LARGEST_OFFSET:
        errors.append({"field": "offset", "error": f"must be between 0 and {LARGEST_OFFSET}"})
    if errors:
        raise ValidationFailed(errors)
    return limit, offset


def _number(req: falcon.asgi.Request, name: str, default: int) -> int:
    text = req.get_param(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        raise BadRequest(f"The parameter {name} must be a whole number")
    return int(text)
