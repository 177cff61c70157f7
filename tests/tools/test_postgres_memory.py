"""What killed servers leave in shared memory."""

import mmap
import time
from pathlib import Path

from tools import postgres_memory


def test_only_what_nobody_has_mapped_is_deleted(tmp_path: Path) -> None:
    began = time.time() - 1
    left, used, other = (tmp_path / name for name in ("PostgreSQL.1", "PostgreSQL.2", "another"))
    for path in (left, used, other):
        path.write_bytes(bytes(mmap.PAGESIZE))
    with used.open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE):
        postgres_memory.free(began, tmp_path)
    assert sorted(tmp_path.iterdir()) == [used, other]


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / "PostgreSQL.1").touch()
    postgres_memory.free(time.time() + 1, tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "PostgreSQL.1"]
