"""No core dumps: what a process has in its memory, keys and messages, never lies on a disk."""

from __future__ import annotations

import resource


def forbid_core_dumps() -> None:
    """Let neither this process nor any that it starts leave a core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
