"""An appliance in a folder: what its units do, in their order, without systemd."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from pisovereign.storage.embedded.account import service_account
from pisovereign.storage.embedded.binaries import available, choose, usable_binaries
from pisovereign.storage.embedded.layout import SHARED, make_private
from tests.support.cluster import quick_folder
from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment, wait_until

UNITS = Path(__file__).parents[2] / "systemd"


def step(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start one step of the program."""
    return subprocess.Popen(
        [sys.executable, "-m", "pisovereign.appliance.main", *arguments],
        env=clean_environment(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_step(*arguments: str, **environment: str) -> None:
    """Run one step to its end."""
    process = step(*arguments, **environment)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said


def refusal(*arguments: str) -> str:
    """Run a step that has to fail; returns what it says."""
    process = step(*arguments)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said


class Database:
    """PostgreSQL with the units' own files, as an account that PostgreSQL accepts."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cluster = home / "cluster"
        self.account = service_account(self.cluster)
        self.socket = home / "socket"
        self.process: subprocess.Popen[bytes] | None = None
        self.account.own(home)
        make_private(self.socket, self.account)

    def start(self) -> None:
        binaries = choose(available(), None, self.cluster)
        binaries = usable_binaries(binaries, self.account, SHARED)
        files = UNITS / "postgres"
        places = {
            "config_file": self._copy(files / "postgresql.conf"),
            "hba_file": self._copy(files / "pg_hba.conf"),
            "ident_file": self._ident(files / "pg_ident.conf"),
            "unix_socket_directories": self.socket,
        }
        options = [part for name, value in places.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries.program("postgres")), "-D", str(self.cluster), *options],
                stdout=log,
                stderr=log,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                start_new_session=True,
                **self.account.identity,
            )
        wait_until(self._accepts, PATIENCE_S, "PostgreSQL's start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def dsn(self, user: str, database: str = "pisovereign") -> str:
        return make_conninfo(host=str(self.socket), user=user, dbname=database)

    def _accepts(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "log").read_text()
        return PGconn.ping(self.dsn("postgres", "postgres").encode()) == Ping.OK

    def _copy(self, file: Path) -> Path:
        """Where the server's account can read it, which a checkout need not be."""
        copy = self.home / file.name
        # The PostgreSQL of the wheel is built without lz4.
        text = file.read_text().replace("wal_compression = lz4", "wal_compression = on")
        copy.write_text(text)
        copy.chmod(0o644)
        return copy

    def _ident(self, file: Path) -> Path:
        """The map, with the accounts of this machine in the places of the appliance's."""
        copy = self._copy(file)
        own = pwd.getpwuid(os.getuid()).pw_name
        lines = []
        for line in copy.read_text().splitlines():
            if line.startswith("appliance"):
                name, account, role = line.split()
                assert account in ("postgres", "root", "pisovereign")
                line = f"{name} {own} {role}"  # noqa: PLW2901 - the same line
            lines.append(line)
        copy.write_text("\n".join(lines) + "\n")
        return copy


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that other accounts may enter, for the database."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-home-", dir=quick_folder()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """Its server, not started."""
    result = Database(home)
    yield result
    result.stop()
