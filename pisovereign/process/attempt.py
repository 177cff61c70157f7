"""Finding out what the kernel permits a process that could not undo it."""

from __future__ import annotations

import os
from collections.abc import Callable


def is_permitted(attempt: Callable[[], None]) -> bool:
    """Return whether `attempt` raises no OSError, tried in a process that ends at once."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            attempt()
            status = 0
        except OSError:
            pass
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0
