"""Which file a command's first word names."""

from __future__ import annotations

import os
import stat

FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
ENVIRONMENT = {"PATH": ":".join(FOLDERS), "LANG": "C.UTF-8", "HOME": "/nonexistent"}
"""All that a command gets to see of an environment."""


def find_program(name: str) -> str | None:
    """Return the program's path: `name` if it is absolute, else its place in system folders."""
    if name.startswith("/"):
        return name if _is_program(name) else None
    if not name or "/" in name or name in (".", ".."):
        return None
    paths = (f"{folder}/{name}" for folder in FOLDERS)
    return next((path for path in paths if _is_program(path)), None)


def _is_program(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)  # noqa: PTH116
    except OSError:
        return False
