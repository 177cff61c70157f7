"""How responses are written."""

from __future__ import annotations

from typing import Any

import falcon.asgi
import msgspec

_encoder = msgspec.json.Encoder()


def respond(resp: falcon.asgi.Response, body: Any) -> None:
    """Write `body` as JSON; times are RFC 3339 in UTC with `Z`."""
    resp.content_type = "application/json; charset=utf-8"
    resp.data = _encoder.encode(body)
