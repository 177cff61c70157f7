"""Where the workers of one server count together.

prometheus-client decides at its import whether it counts in files, by an environment variable. So
this module comes first, and imports nothing of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.files import private_folder

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of ours in it, that nobody else may write to


def count_together(data_dir: Path) -> Path:
    """Make a folder for this server's counts, and have prometheus-client use it.

    It lies in memory where that is possible: counts change all the time, and memory cards wear.
    Those of servers of this data folder that have ended are removed.

    Raises:
        StartError: there is no place for it.
    """
    place = memory_folder(data_dir)
    for old in place.iterdir():
        if old.name.isdecimal() and not Path("/proc", old.name).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = private_folder(place / str(os.getpid()))
    for path in folder.glob("*.db"):  # of a process that had our number
        path.unlink()
    os.environ[VARIABLE] = str(folder)
    return folder


def remove_counts(folder: Path) -> None:
    """Remove the folder of a server that ends, and what it lies in if nobody else uses that."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def memory_folder(data_dir: Path) -> Path:
    """Return the private folder of a data folder for what changes all the time.

    Raises:
        StartError: there is no place for it.
    """
    return _in_memory(data_dir) or private_folder(_on_disk(data_dir))


def make_log_folder(data_dir: Path) -> Path:
    """Return the folder of the latest lines of the log, for those who write some.

    Raises:
        StartError: there is no place for it.
    """
    return private_folder(memory_folder(data_dir) / "log")


def log_folder(data_dir: Path) -> Path:
    """Return where the latest lines of the log are, whether it is there or not."""
    there = _in_memory(data_dir) if _name_in_memory(data_dir).is_dir() else None
    return (there or _on_disk(data_dir)) / "log"


def forget_log(data_dir: Path) -> None:
    """Delete the latest lines of processes that have ended, this one's, and empty folders."""
    folder = log_folder(data_dir)
    with contextlib.suppress(OSError):  # another server of this data folder has some
        for path in folder.iterdir():
            number = path.stem.rpartition("-")[2]
            if number == str(os.getpid()) or not Path("/proc", number).exists():
                path.unlink(missing_ok=True)
        folder.rmdir()
    with contextlib.suppress(OSError):  # counts are there
        folder.parent.rmdir()


def _in_memory(data_dir: Path) -> Path | None:
    if not os.access(_MEMORY, os.W_OK):
        return None
    try:
        return private_folder(_name_in_memory(data_dir))
    except StartError:  # somebody else has taken the name
        return None


def _name_in_memory(data_dir: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(data_dir.resolve()), digest_size=8).hexdigest()
    return _MEMORY / f"pisovereign-{os.getuid()}-{name}"


def _on_disk(data_dir: Path) -> Path:
    return data_dir / "run" / "metrics"
