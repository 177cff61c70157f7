"""`pisovereign-cli backup` and `restore` as a person runs them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server, clean_environment, remove_data

PASSPHRASE = "correct horse battery"
CLI = [sys.executable, "-m", "pisovereign.cli.main"]


def environment(data: Path, **more: str) -> dict[str, str]:
    places = {"PISOVEREIGN_DATA_DIR": str(data), "PISOVEREIGN_BACKUP_PASSPHRASE": PASSPHRASE}
    return clean_environment(places | more)


def cli(data: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line for the installation in `data`."""
    return subprocess.run(
        [*CLI, *map(str, arguments)],
        env=environment(data, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def backup(server: Server) -> Iterator[Path]:
    """A backup of the suite's server, made while it runs."""
    with tempfile.TemporaryDirectory(prefix="pisov-backup-") as folder:
        file = Path(folder) / "a.backup"
        done = cli(server.data_dir, "backup", file)
        assert done.returncode == 0, done.stderr
        yield file


@pytest.fixture
def place() -> Iterator[Path]:
    """Where an installation may be made; nothing is there yet."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-place-"))
    yield folder / "data"
    remove_data(folder)
