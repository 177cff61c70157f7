"""A database that is ready for use: making one takes longer than all the rest of a start."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.layout import plan_layout, postgres_folder
from pisovereign.storage.migrate import run_migrations


def lay_cluster(data_dir: Path) -> None:
    """Put a database into a data folder that never had one: migrated, and empty."""
    if (data_dir / "postgres").exists():
        return
    ready = _ready_cluster()
    layout = plan_layout(postgres_folder(data_dir))
    layout.prepare()
    # With its owner, who is not us if we are root.
    subprocess.run(["cp", "-a", ready, layout.cluster], check=True)
    layout.record()


@cache
def _ready_cluster() -> Path:
    """The folder to copy, made by the program's own means once a process."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Where the server's account may enter, the cluster is kept here and nowhere else.
    folder.chmod(0o755)
    server = EmbeddedServer(folder)
    try:
        server.start()
        run_migrations(server.owner_dsn)
    finally:
        server.stop()
    return folder / "postgres" / "cluster"
