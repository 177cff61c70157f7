from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pisovereign.errors import StartError
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.layout import plan_layout
from pisovereign.storage.embedded.leftovers import runs_cluster
from tests.support.patience import PATIENCE_S

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def server(open_folder: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(open_folder, shared=open_folder / "shared")
    yield server
    server.stop()


@pytest.fixture
def cluster(open_folder: Path) -> Path:
    return open_folder / "postgres" / "cluster"


def supervise(code: str, folder: Path) -> subprocess.Popen[str]:
    """Run a program that has a server in `folder` and does `code` with it."""
    program = (
        "import sys, time, os, pathlib, psycopg\n"
        "from pisovereign.storage.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "server.start()\n"
    ) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def eventually(condition: Callable[[], bool], limit_s: float = PATIENCE_S) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def processes_of(cluster: Path) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if runs_cluster(pid, cluster)]


WRITE = """
with psycopg.connect(server.owner_dsn, autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer)")
    print(server.pid, flush=True)
    n = 0
    while True:
        n += 1
        connection.execute("INSERT INTO kept VALUES (%s)", (n,))
        print(n, flush=True)
"""


def test_it_starts_twice_and_keeps_what_was_stored(server: EmbeddedServer) -> None:
    server.start()
    dsn = server.owner_dsn
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    server.stop()
    assert server.pid is None
    server.start()
    assert server.owner_dsn == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_its_settings_are_safe(postgres: EmbeddedServer) -> None:
    with psycopg.connect(postgres.owner_dsn) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        locale = connection.execute(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'pisovereign'"
        ).fetchone()
    settings: dict[str, str] = dict(rows)
    expected = {
        "listen_addresses": "",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "max_parallel_maintenance_workers": "0",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    assert {name: settings[name] for name in expected} == expected
    assert locale == ("UTF8",)


def test_it_listens_on_no_network(postgres: EmbeddedServer) -> None:
    with socket.socket() as client:
        client.settimeout(PATIENCE_S)
        assert client.connect_ex(("127.0.0.1", 5432)) != 0


def test_its_folders_are_closed_and_the_users_own_are_not_touched(
    server: EmbeddedServer, open_folder: Path, cluster: Path
) -> None:
    before = open_folder.stat()
    server.start()
    after = open_folder.stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)
    assert cluster.stat().st_mode & 0o777 == 0o700
    assert (cluster.parent / "socket").stat().st_mode & 0o777 == 0o700
    assert (cluster.parent / "postgres.log").stat().st_mode & 0o777 == 0o600
    if os.geteuid() == 0:
        assert cluster.owner() != "root"


def test_the_programs_login_has_no_privileges(postgres: EmbeddedServer) -> None:
    with psycopg.connect(postgres.app_dsn) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls"
            " FROM pg_roles WHERE rolname = session_user"
        ).fetchone()
    assert row == ("pisovereign_app", False, False, False, False)


def test_the_log_quotes_no_rows(server: EmbeddedServer, cluster: Path) -> None:
    server.start()
    with psycopg.connect(server.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (secret text UNIQUE)")
        connection.execute("INSERT INTO t VALUES ('hush')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO t VALUES ('hush')")
    log = (cluster.parent / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "hush" not in log


def test_a_second_supervisor_is_refused(server: EmbeddedServer, open_folder: Path) -> None:
    server.start()
    with pytest.raises(StartError, match="another PiSovereign"):
        EmbeddedServer(open_folder).start()
    assert server.wait(0) is None


def test_a_server_killed_while_it_writes_loses_nothing_acknowledged(
    server: EmbeddedServer, open_folder: Path
) -> None:
    with supervise(WRITE, open_folder) as writer:
        pid = int(line(writer))
        for _ in range(300):
            acknowledged = int(line(writer))
        kill(pid)
        assert writer.stdout is not None
        acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
    server.start()
    with psycopg.connect(server.owner_dsn) as connection:
        row = connection.execute("SELECT count(*), max(n) FROM kept").fetchone()
    assert row is not None
    assert row[0] == row[1]
    assert acknowledged <= row[1] <= acknowledged + 1


def test_a_killed_supervisor_leaves_no_server_and_the_next_start_works_at_once(
    server: EmbeddedServer, open_folder: Path, cluster: Path
) -> None:
    with supervise(WRITE, open_folder) as writer:
        line(writer)
        for _ in range(50):
            acknowledged = int(line(writer))
        writer.kill()
    server.start()
    with psycopg.connect(server.owner_dsn) as connection:
        row = connection.execute("SELECT max(n) FROM kept").fetchone()
    assert row is not None
    assert row[0] >= acknowledged
    server.stop()
    assert processes_of(cluster) == []


def test_a_killed_supervisor_leaves_nothing_running(open_folder: Path, cluster: Path) -> None:
    with supervise("print(server.pid, flush=True); time.sleep(60)", open_folder) as supervisor:
        line(supervisor)
        assert processes_of(cluster)
        supervisor.kill()
    assert eventually(lambda: processes_of(cluster) == [])


def test_a_session_outlives_a_killed_supervisor_until_the_next_start(
    server: EmbeddedServer, open_folder: Path
) -> None:
    with supervise("print(server.owner_dsn, flush=True); time.sleep(60)", open_folder) as other:
        session = psycopg.connect(line(other), autocommit=True)
        other.kill()
    with contextlib.closing(session):

        def refuses_new_sessions() -> bool:
            try:
                psycopg.connect(session.info.dsn).close()
            except psycopg.OperationalError:
                return True
            return False

        assert eventually(refuses_new_sessions)
        assert session.execute("SELECT 42").fetchone() == (42,)
        server.start()
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 42")
    assert server.wait(0) is None


def test_everything_killed_at_once_is_no_hindrance(
    server: EmbeddedServer, open_folder: Path, cluster: Path
) -> None:
    with supervise("print(server.pid, flush=True); time.sleep(60)", open_folder) as supervisor:
        line(supervisor)
        for pid in [supervisor.pid, *processes_of(cluster)]:
            # The server's processes end by themselves once the first of them is gone.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    server.start()
    assert server.wait(0) is None


def test_processes_of_a_killed_server_are_waited_for(server: EmbeddedServer, cluster: Path) -> None:
    server.start()
    with psycopg.connect(server.owner_dsn) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        kill(server.pid)
        assert server.wait(PATIENCE_S) == -signal.SIGKILL
        started = time.monotonic()
        subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {backend}"])
        server.start()
    assert time.monotonic() - started > 0.5
    assert backend not in processes_of(cluster)


def test_a_server_that_died_can_be_started_again(server: EmbeddedServer) -> None:
    server.start()
    dsn = server.app_dsn
    kill(server.pid)
    assert server.wait(PATIENCE_S) == -signal.SIGKILL
    assert server.returncode == -signal.SIGKILL
    server.start()
    assert server.wait(0) is None
    assert server.app_dsn == dsn
    psycopg.connect(dsn).close()


def test_stopping_cuts_open_sessions_and_is_safe_to_repeat(
    server: EmbeddedServer, cluster: Path
) -> None:
    server.stop()
    server.start()
    connection = psycopg.connect(server.owner_dsn)
    connection.execute("SELECT 1")
    server.stop()
    server.stop()
    connection.close()
    assert processes_of(cluster) == []
    said = plan_layout(cluster.parent).log.read_text()
    assert "received fast shutdown request" in said
    assert "received immediate shutdown request" not in said


def test_an_interrupted_creation_is_started_over(
    server: EmbeddedServer, open_folder: Path, cluster: Path
) -> None:
    unfinished = cluster.with_name("cluster.new")
    unfinished.mkdir(parents=True)
    cluster.parent.chmod(0o711)
    (unfinished / "PG_VERSION").write_text("18\n")
    server.start()
    assert not unfinished.exists()


def test_a_reused_process_number_does_not_hinder_the_start(
    server: EmbeddedServer, cluster: Path
) -> None:
    server.start()
    account = pwd.getpwuid(cluster.stat().st_uid)
    server.stop()
    identity = {"user": account.pw_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **identity) as other:  # type: ignore[call-overload]
        (cluster / "postmaster.pid").write_text(f"{other.pid}\n{cluster}\n")
        try:
            server.start()
            assert other.poll() is None
        finally:
            other.kill()


def test_another_major_version_is_refused(server: EmbeddedServer, cluster: Path) -> None:
    server.start()
    server.stop()
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(StartError, match="PostgreSQL 12"):
        server.start()


def test_a_damaged_cluster_says_what_postgresql_said(server: EmbeddedServer, cluster: Path) -> None:
    server.start()
    server.stop()
    (cluster / "global" / "pg_control").unlink()
    with pytest.raises(StartError, match="pg_control"):
        server.start()
    assert server.pid is None


def test_a_long_path_works_and_leaves_no_socket_folder(open_folder: Path) -> None:
    deep = open_folder / ("d" * 80) / f"{uuid4()}"
    deep.mkdir(parents=True)
    server = EmbeddedServer(deep)
    try:
        server.start()
        folder = Path(str(conninfo_to_dict(server.app_dsn)["host"]))
        assert not folder.is_relative_to(open_folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        psycopg.connect(server.app_dsn).close()
    finally:
        server.stop()
    assert not folder.exists()


@as_root
def test_roots_private_folder_stays_private(open_folder: Path) -> None:
    home, shared = open_folder / "home", open_folder / "shared"
    home.mkdir(mode=0o700)
    server = EmbeddedServer(home / "data", shared=shared)
    try:
        server.start()
        dsn = server.app_dsn
        server.stop()
        server.start()
        assert server.app_dsn == dsn
    finally:
        server.stop()
    assert home.stat().st_mode & 0o777 == 0o700
    assert len(list(shared.glob("*/cluster"))) == 1


@as_root
def test_an_ordinary_user_needs_nothing_of_root(open_folder: Path) -> None:
    """In a process of its own, because there is no way back from an ordinary user."""
    code = """
import os, pwd, sys
import importlib.readers  # while this user may still read the standard library
from pathlib import Path
import psycopg
import pisovereign.storage.embedded.server as module
from pisovereign.storage.embedded.account import Account, current_account
from pisovereign.storage.embedded.binaries import usable_binaries
from pisovereign.storage.migrate import packaged_migrations, run_migrations
from pisovereign.storage.embedded.binaries import available

migrations = packaged_migrations()  # the project may lie in root's home
folder = Path(sys.argv[1])
user = pwd.getpwnam("nobody")
nobody = Account("nobody", user.pw_uid, user.pw_gid, True)
binaries = usable_binaries(available()[0], nobody, folder / "shared")
module.available = lambda: [binaries]
data = folder / "data"
data.mkdir(mode=0o700)
nobody.own(data)
os.setgroups([]); os.setgid(user.pw_gid); os.setuid(user.pw_uid)
server = module.EmbeddedServer(data, shared=Path("/nonexistent"))
server.start()
run_migrations(server.owner_dsn, migrations)
psycopg.connect(server.app_dsn).close()
server.stop()
print((data / "postgres" / "cluster").owner(), oct((data / "postgres").stat().st_mode & 0o777))
"""
    # This user may not write where coverage data is collected.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(open_folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["nobody", "0o700"]
