"""One PostgreSQL for all databases of `ApiServer`s in a process of tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.layout import Layout
from tests.support.cluster import lay_cluster, open_folder
from tests.support.server import remove_data

_CONNECTIONS = 200


class ManyConnections(EmbeddedServer):
    """The program's own server, which on a device serves one API, for many of them."""

    def _command(self, layout: Layout) -> list[str]:
        return [*super()._command(layout), "-c", f"max_connections={_CONNECTIONS}"]


@cache
def _running() -> tuple[EmbeddedServer, Path]:
    folder = open_folder("pisov-databases-")
    lay_cluster(folder)
    server = ManyConnections(folder)
    server.start()
    return server, folder


def databases() -> EmbeddedServer:
    """Return the server; it is started when somebody asks first."""
    return _running()[0]


def stop_databases() -> None:
    """Stop it and delete its folder, if it was started."""
    if _running.cache_info().currsize:
        server, folder = _running()
        server.stop()
        remove_data(folder)  # on a busy machine it may have been killed a moment ago
        _running.cache_clear()
