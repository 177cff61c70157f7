"""The server of a data folder, as another process finds it."""

from __future__ import annotations

from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from pisovereign.storage.embedded.cluster import OWNER, PORT
from pisovereign.storage.embedded.database import DATABASE
from pisovereign.storage.embedded.layout import SHARED, plan_layout


def running_server(data_dir: Path, shared: Path = SHARED) -> str | None:
    """Connects as the owner of the tables; None when no server runs for this data folder.

    Raises:
        StartError: the cluster is gone, or belongs to somebody else.
    """
    folder = data_dir.absolute() / "postgres"
    if not folder.exists():
        return None
    socket = plan_layout(folder, shared).socket
    dsn = make_conninfo(host=str(socket), port=PORT, user=OWNER, dbname=DATABASE, connect_timeout=5)
    return dsn if PGconn.ping(dsn.encode()) == Ping.OK else None
