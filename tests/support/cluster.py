"""A database that is ready for use: making one takes longer than all the rest of a start."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.layout import plan_layout, postgres_folder
from pisovereign.storage.migrate import run_migrations

_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 << 30  # containers often have 64 MB


@cache
def quick_folder() -> Path:
    """Where databases are kept: in memory, if there is room. A disk makes each commit wait."""
    try:
        status = os.statvfs(_IN_MEMORY)
    except OSError:
        return Path(tempfile.gettempdir())
    room = status.f_bavail * status.f_frsize >= _ROOM_BYTES
    usable = room and not status.f_flag & os.ST_NOEXEC and os.access(_IN_MEMORY, os.W_OK)
    return _IN_MEMORY if usable else Path(tempfile.gettempdir())


def lay_cluster(data_dir: Path) -> None:
    """Put a database into a data folder that never had one: migrated, and empty."""
    if (data_dir / "postgres").exists():
        return
    ready = _ready_cluster()
    layout = plan_layout(postgres_folder(data_dir))
    if layout.location is None:
        _copy(ready, layout.cluster)
        return
    home = open_folder("pisov-cluster-")
    _copy(ready, home / "cluster")
    layout.location.write_text(f"{home}\n")


def remove_cluster(location: Path) -> None:
    """Delete what a data folder's `postgres/location` names."""
    shutil.rmtree(location.read_text().strip(), ignore_errors=True)


def open_folder(prefix: str) -> Path:
    """A new folder that every user can enter, for databases."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=quick_folder()))
    folder.chmod(0o755)
    return folder


def _copy(ready: Path, cluster: Path) -> None:
    # With its owner, who is not us if we are root.
    subprocess.run(["cp", "-a", ready, cluster], check=True)


@cache
def _ready_cluster() -> Path:
    """The folder to copy, made by the program's own means once a process."""
    folder = open_folder("pisov-cluster-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = EmbeddedServer(folder)
    try:
        server.start()
        run_migrations(server.owner_dsn)
    finally:
        server.stop()
    return folder / "postgres" / "cluster"
