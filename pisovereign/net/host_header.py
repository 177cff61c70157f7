"""A `Host` header, read strictly."""

from __future__ import annotations

import re
from typing import NamedTuple

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):?([0-9]{0,5})")


class Authority(NamedTuple):
    """A host in lower case, without brackets; and a port, or an empty text."""

    host: str
    port: str


def read_authority(text: str) -> Authority | None:
    """Return what a `Host` header names; None: nothing that can be read in one way."""
    found = _AUTHORITY.fullmatch(text)
    return Authority(found[1].strip("[]").lower().rstrip("."), found[2]) if found else None
