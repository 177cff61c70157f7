"""The name of the program's calendar, and ids of its objects that differ from a server's."""

from __future__ import annotations

from uuid import UUID

NAME = "PiSovereign"
"""What the calendar, and the list of tasks, are called beside those of a server."""
OWN = "own:"
"""What stands in place of an address in changes of its objects."""


def own_id(name: str) -> UUID | None:
    """Return the id of an object that is kept here; None: it is one of a server."""
    try:
        return UUID(name)
    except ValueError:
        return None
