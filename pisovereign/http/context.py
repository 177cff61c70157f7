"""What belongs to the request that is being served."""

from __future__ import annotations

from contextvars import ContextVar

# Read by the log formatter and the error envelope; set once for each request by `observe`.
request_id: ContextVar[str] = ContextVar("request_id", default="-")
