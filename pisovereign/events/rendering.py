"""Events as they are sent."""

from __future__ import annotations

from pisovereign.asgi import sse
from pisovereign.events.types import Event


def rendered(event: Event) -> bytes:
    """An event; one that cannot be read is missed."""
    if event.data is None:
        return missed(event.id, event.id)
    return sse.event(event.kind, event.data, identifier=event.id)


def missed(first: int, last: int) -> bytes:
    """That these are not there any more, in their place."""
    return sse.event("missed", {"first": first, "last": last}, identifier=last)
