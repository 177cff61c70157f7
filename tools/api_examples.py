"""Collect the examples of docs/api.md for the OpenAPI document.

    python -m tools.api_examples

writes them into the package; a test fails when they are out of date.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
EXAMPLES = ROOT / "pisovereign" / "openapi" / "examples.json"
_SECTION = re.compile(r"^### ((?:GET|POST|PATCH|DELETE) \S+)\n(.*?)(?=^### |\Z)", re.M | re.S)
_BLOCK = re.compile(r"^```(json|text) (request|response)\n(.*?)^```", re.M | re.S)


def collect(page: str) -> dict[str, dict[str, Any]]:
    """The first example of each kind, by route."""
    found: dict[str, dict[str, Any]] = {}
    for route, section in _SECTION.findall(page):
        examples: dict[str, Any] = {}
        for language, kind, text in _BLOCK.findall(section):
            lines = "ndjson" in section or language == "text"
            examples.setdefault(kind, text if lines else json.loads(text))
        if examples:
            found[route] = examples
    return found


def render(page: str) -> str:
    """The file's content."""
    return json.dumps(collect(page), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file."""
    EXAMPLES.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
