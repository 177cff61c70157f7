"""The files that come with the document: its examples, and the two pages that show it."""

from __future__ import annotations

from importlib import resources
from typing import Any

import msgspec

_PACKAGE = resources.files("pisovereign.openapi")
MEDIA = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def examples() -> dict[str, dict[str, Any]]:
    """Examples by route, as the documentation has them."""
    text = (_PACKAGE / "examples.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, Any]])


def asset(folder: str, name: str) -> bytes:
    """A file of one of the pages."""
    return (_PACKAGE / "assets" / folder / name).read_bytes()
