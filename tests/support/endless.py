"""An answer that cannot end by itself: what the real model writes may be over after a word."""

from __future__ import annotations

from typing import Any

LONG = 500
"""Tokens within which it cannot end."""
MANY: dict[str, Any] = {"type": "array", "items": {"type": "boolean"}, "minItems": LONG}
"""The form of it, as a JSON schema."""
