"""A copy of the PostgreSQL programs for a user who cannot reach the originals.

Root often has its Python environment below `/root`, where no other user may go. Opening those
folders to everybody is not ours to do, so the programs are copied to a folder that is open already.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import Account
from pisovereign.storage.embedded.binaries import Binaries

_log = logging.getLogger(__name__)
# Headers and static libraries are half of the size and not needed to run.
_SKIPPED = shutil.ignore_patterns("include", "*.a", "doc")


def usable_binaries(binaries: Binaries, account: Account, shared: Path) -> Binaries:
    """The same programs at a place where `account` can run them, copied below `shared` if needed.

    Raises:
        StartError: the copy cannot be made, or cannot be run either.
    """
    if _runs(binaries, account):
        return binaries
    place = shared / f"postgresql-{binaries.version}"
    if not place.exists():
        _copy(binaries, place)
    copy = binaries._replace(
        bin=place / binaries.bin.relative_to(binaries.root),
        share=place / binaries.share.relative_to(binaries.root),
        root=place,
    )
    if not _runs(copy, account):
        raise StartError(
            f"the user {account.name} cannot run {copy.program('postgres')};"
            f" make {shared} accessible to that user, or set database.url"
        )
    return copy


def _runs(binaries: Binaries, account: Account) -> bool:
    """Whether programs and data files are within reach; they are installed with one umask."""
    return (
        account.can_run(binaries.program("postgres"))
        and account.can_run(binaries.program("initdb"))
        and account.can_read(binaries.share / "extension" / "vector.control")
    )


def _copy(binaries: Binaries, place: Path) -> None:
    _log.info("copying PostgreSQL %s to %s", binaries.version, place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        try:
            for part in binaries.parts:
                if (binaries.root / part).exists():
                    shutil.copytree(binaries.root / part, temporary / part, ignore=_SKIPPED)
            _open_to_all(temporary)
            # A power cut must not leave a copy with the final name and empty files.
            os.sync()
            temporary.rename(place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        if place.exists():
            return  # Another start was faster.
        raise StartError(f"PostgreSQL cannot be copied to {place}: {error}") from error


def _open_to_all(copy: Path) -> None:
    """Let every user read and run the copy, whatever the umask was when the wheel was installed."""
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
