"""docs/configuration.md says of each setting what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from pisovereign.config.loading import settings
from pisovereign.connectors.configuration import WholeConfig

PAGE = Path(__file__).parent.parent.parent / "docs" / "configuration.md"


def bounds(annotation: Any, meta: msgspec.Meta) -> str:
    base = get_args(annotation)[0]
    if get_origin(base) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(base))
    if meta.ge is not None:
        return f"{meta.ge} to {meta.le}"
    unit = "entries" if get_origin(base) is tuple else "characters"
    return f"at most {meta.max_length} {unit}" if meta.max_length else ""


def row(section: str, name: str, annotation: Any) -> str:
    meta = next(m for m in annotation.__metadata__ if isinstance(m, msgspec.Meta))
    default = msgspec.to_builtins(getattr(getattr(WholeConfig(), section), name))
    shown = "(text)" if isinstance(default, str) and len(default) > 60 else f"`{default!r}`"
    words = {
        "`True`": "`true`",
        "`False`": "`false`",
        "`''`": "empty",
        "`None`": "none",
        "`()`": "none",
        "`{}`": "none",
    }
    shown = words.get(shown, shown.replace("'", '"'))
    return f"| `{section}.{name}` | {shown} | {bounds(annotation, meta)} | {meta.description} |"


def test_every_setting_has_its_row() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    missing = [r for s, n, a, _ in settings(WholeConfig) if (r := row(s, n, a)) not in page]
    assert not missing, "docs/configuration.md lacks:\n" + "\n".join(missing)


def test_no_row_is_left_over() -> None:
    rows = [r for r in PAGE.read_text(encoding="utf-8").splitlines() if r.startswith("| `")]
    assert len(rows) == len(list(settings(WholeConfig)))
