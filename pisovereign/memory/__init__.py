"""Memories: what a user said, found again by meaning and by words.

`service` stores, changes and finds memories; `types` are what it takes and returns. `decay` lets
importance fade for programs that do so without the service.
"""

__all__ = ["decay", "service", "types"]
