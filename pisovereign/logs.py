"""Logging: text for people, JSON for programs, the request id in both.

What is logged is chosen where it is logged: never message text, never keys. Exceptions are logged
by `log_unexpected` without their own text, which may quote either.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from pisovereign.log_bounds import LogBounds

if TYPE_CHECKING:
    import asyncio

TEXT = "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"
JSON = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"


# Of what is told of an error: the innermost calls, and characters.
MOST_FRAMES = 30
MOST_PLACE = 8000

_log = logging.getLogger(__name__)
# Read by the log formatter and the error envelope; set once for each request at the edge.
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """A filter that adds the id of the request being served to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the request id, and keep every record."""
        record.request_id = request_id.get()
        return True


class TextFormatter(logging.Formatter):
    """A formatter of lines for people, with a request's duration where it is known."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        duration = getattr(record, "duration_ms", None)
        line = super().format(record)
        return line if duration is None else f"{line} {duration} ms"


def set_up_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send all logging to stderr in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(LogBounds())
    handler.addFilter(RequestIdFilter())
    if form == "json":
        from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - few choose it

        renamed = {"asctime": "time", "levelname": "level", "name": "logger"}
        handler.setFormatter(JsonFormatter(JSON, rename_fields=renamed))
    else:
        handler.setFormatter(TextFormatter(TEXT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("imapclient", "psycopg.pool", "uvicorn.error"):  # they log each use or start
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_unexpected(error: BaseException) -> None:
    """Log where `error` came from, without its text: that may quote a message or a key."""
    frames = traceback.format_tb(error.__traceback__, limit=-MOST_FRAMES)
    place = "".join(frames)[-MOST_PLACE:]
    # Each place in the program has lines of its own, else one that is easily reached hides others.
    _log.error("unexpected %s\n%s", type(error).__name__, place, extra={"place": place})


def log_task_error(task: asyncio.Task[None]) -> None:
    """Log what a task has ended with, unless it was cancelled: for `add_done_callback`."""
    if not task.cancelled() and (error := task.exception()):
        log_unexpected(error)
