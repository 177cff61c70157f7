"""Errors in Ollama's form: one text."""

from __future__ import annotations

from pisovereign.dialects.ollama.reply_types import Failure
from pisovereign.errors import PiSovereignError, ValidationFailed

PATHS = "/api/"
"""What all of its paths begin with."""
_WRONG = 400


def failure(error: PiSovereignError) -> tuple[int, Failure]:
    """Return the status and the body of an error; Ollama has none of its own for broken rules."""
    status = _WRONG if isinstance(error, ValidationFailed) else error.status
    return status, Failure(error.message)
