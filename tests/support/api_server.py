"""The API with everything of its own but the programs that many can use: a quick `Server`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.cluster import TEMPLATE
from tests.support.databases import databases
from tests.support.forked_program import ForkedProgram
from tests.support.server import TWO_USERS, Server, command_line

_API = "python -m pisovereign.cli.serve api"


@contextmanager
def running_api(beside: Server, models_dir: Path, **settings: str) -> Iterator[Server]:
    """Start an `ApiServer` in a folder of its own, and remove both at the end."""
    running = ApiServer(beside, Path(tempfile.mkdtemp(prefix="pisov-api-")), models_dir, **settings)
    try:
        yield running.start()
    finally:
        running.remove()


class ApiServer(Server):
    """`pisovereign api` with a database, a data folder and keys of its own.

    Engine and runner are those of another server, and there is no supervisor: for tests that need
    one there is `Server`; for other settings on the same data there is `ApiProcess`.
    """

    def __init__(
        self,
        beside: Server,
        data_dir: Path,
        models_dir: Path,
        config: str = TWO_USERS,
        **settings: str,
    ) -> None:
        super().__init__(data_dir, models_dir, config, **settings)
        self._administration = make_conninfo(databases().owner_dsn, dbname="postgres")
        self._database = f"own_{uuid4().hex}"
        self._dsn = make_conninfo(databases().app_dsn, dbname=self._database)
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(self._database), sql.Identifier(TEMPLATE)
            )
        )
        sockets = data_dir / "run"
        sockets.mkdir(mode=0o700)
        for name in ("engine.sock", "runner.sock"):
            (sockets / name).symlink_to(beside.data_dir / "run" / name)

    def start(self, *, wait: bool = True, first: bool = False) -> Server:
        """Start it; it never makes a database itself."""
        assert not first
        self.process = ForkedProgram(
            "pisovereign.cli.serve",
            ["api", f"--database={self._dsn}"],
            self.environment,
            self.log_path,
        )
        if wait:
            self.wait_ready()
        return self

    def remove(self) -> None:
        """Delete its data and its database."""
        super().remove()
        self._administer(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._database))
        )

    def descendants(self) -> dict[int, str]:
        """Return its own process and those that it started, as if it had not been forked.

        A fork has the command line of what it was forked from.
        """
        assert self.process is not None
        forked = command_line(self.process.pid)
        found = {self.process.pid: forked} | super().descendants()
        return {pid: _API if line == forked else line for pid, line in found.items()}

    def database_dsn(self) -> str:
        """Return where its database is, for the role that the API has."""
        return self._dsn

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._administration, autocommit=True) as connection:
            connection.execute(statement)
