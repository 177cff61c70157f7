"""Write the routes of docs/api.md from their entries: `python -m tools.api_reference`.

Everything between the two markers is made of the entries; a test fails when it is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pisovereign.asgi.routes import JSON, Route
from pisovereign.assembly.routes import TABLES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
BEGIN = "<!-- The routes are made of their entries: python -m tools.api_reference -->"
END = "<!-- The end of the routes -->"
WIDTH = 100


def render(page: str) -> str:
    """Return the page with the routes as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_routes()}\n{END}{after}"


def _routes() -> str:
    parts: list[str] = []
    for tag in dict.fromkeys(table.tag for table in TABLES):
        parts.append(f"## {tag}\n")
        entries = [entry for table in TABLES if table.tag == tag for entry in table.entries()]
        parts += [_section(entry) for entry in entries if entry.documented]
    return "\n".join(parts)


def _section(route: Route) -> str:
    first, _, rest = route.description.partition("\n\n")
    blocks = [
        f"### {route.name}",
        f"{first}{_who(route)}",
        *_fields(route),
        *_examples(route),
        rest,
    ]
    if route.example.pending is not None:
        blocks.append(_block("json", "pending", route.example.pending))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _who(route: Route) -> str:
    """Return who may call a route, unless every key may."""
    if route.public:
        return " Public."
    return "" if route.scope == "user" else f" Needs a key with the scope `{route.scope}`."


def _examples(route: Route) -> Iterator[str]:
    text = route.media_type != JSON
    if route.example.request is not None:
        yield _block("json", "request", route.example.request)
    if route.example.response is not None:
        yield _block("text" if text else "json", "response", route.example.response)


def _block(language: str, kind: str, example: Any) -> str:
    text = example.rstrip("\n") if language == "text" else pretty(example)
    return f"```{language} {kind}\n{text}\n```"


def pretty(value: Any, indent: int = 0, used: int = 0) -> str:
    """Return JSON in which whatever fits into a line is on one."""
    line = json.dumps(value, ensure_ascii=False)
    small = not indent and isinstance(value, dict) and len(line) > WIDTH
    if (len(line) + indent + used < WIDTH and not small) or not isinstance(value, dict | list):
        return line
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [
            f"{inner}{json.dumps(name)}: {pretty(each, indent + 2, len(name) + 5)}"
            for name, each in value.items()
        ]
        return "{\n" + ",\n".join(parts) + f"\n{' ' * indent}}}"
    parts = [inner + pretty(each, indent + 2) for each in value]
    return "[\n" + ",\n".join(parts) + f"\n{' ' * indent}]"


def _fields(route: Route) -> Iterator[str]:
    """Yield the table of a body's fields, if the entry describes them."""
    body = route.types().body
    if body is None or not route.fields:
        return
    _, components = msgspec.json.schema_components([body])
    struct = components[body.__name__]
    rows = [("Field", "Type", "Required", "Rule"), ("---",) * 4]
    for name, schema in struct["properties"].items():
        needed = "yes" if name in struct.get("required", ()) else "no"
        rows.append((f"`{name}`", _type(schema), needed, route.fields[name]))
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _type(schema: dict[str, Any]) -> str:
    """Return the type of a field in words."""
    kind = next(each for each in schema.get("anyOf", [schema]) if each.get("type") != "null")
    match kind:
        case {"type": "array", "items": {"type": str(entry)}}:
            return f"list of {entry}s"
        case {"type": str(name)}:
            return name
        case {"enum": _}:
            return "string"
        case _:
            return "any"


def main() -> int:
    """Write the page."""
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
