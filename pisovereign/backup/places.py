"""The places to which backups are sent, as they are connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol, get_args
from uuid import UUID

from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.errors import NotConfigured, NotFound

Place = Literal["folder", "stick", "webdav", "s3"]
PLACES: tuple[Place, ...] = get_args(Place)
HOUSEHOLD = UUID(int=0)
"""Whose backups are: nobody's in particular."""


class ConnectedPlace(Protocol):
    """A place that may be connected."""

    def is_set_up(self) -> bool:
        """Return whether it is."""

    def using(self) -> AbstractContextManager[FileStore | None]:
        """Hold it, also while its settings change; None: it is not connected."""


class Places:
    """All of them.

    Args:
        places: By name.
    """

    def __init__(self, places: dict[Place, ConnectedPlace]) -> None:
        self._places = places

    def connected(self) -> list[Place]:
        """Return those that are connected."""
        return [name for name in PLACES if self._places[name].is_set_up()]

    @contextmanager
    def using(self, name: str) -> Iterator[FileStore]:
        """Hold a place.

        Raises:
            NotFound: There is no such place.
            NotConfigured: It is not connected.
        """
        place = next((place for known, place in self._places.items() if known == name), None)
        if place is None:
            raise NotFound("No such place")
        with place.using() as store:
            if store is None:
                raise NotConfigured("This place for backups", f"backup_{name}")
            yield store
