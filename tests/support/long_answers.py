"""Answers of the real model that last: of what it draws at random any may be over after a word."""

from __future__ import annotations

from typing import Any

LONG = 500
"""A number of tokens."""
MANY: dict[str, Any] = {"type": "array", "items": {"type": "boolean"}, "minItems": LONG}
"""The form of one that cannot end by itself before, as a JSON schema."""
ENDLESS: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "many", "schema": MANY},
}
"""The same as the `response_format` of a request."""
LONG_STORY = "Tell me a long story."
"""What is answered with hundreds of tokens at temperature 0, where a form cannot be asked for."""
