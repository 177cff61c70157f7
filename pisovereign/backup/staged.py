"""A backup that is made and verified here, before it is sent to the places that are connected.

It stays until it has reached them all, so that an interrupted run goes on with the same file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from pisovereign.backup.fingerprint import Fingerprints
from pisovereign.backup.folder import RESERVE_BYTES
from pisovereign.backup.make import atomic_file, write_backup
from pisovereign.backup.rehearse_program import Order, Report
from pisovereign.config import Config
from pisovereign.errors import StartError
from pisovereign.files import private_folder, replace_private, sha256_of

_FOLDER, _SCRATCH, _NOTE = "backup.staged", "backup.scratch", "staged.json"
_LOOK_BYTES = 8 * 1024 * 1024
_REHEARSAL_S = 3600.0
_ENDING_S = 10.0
_LONGEST_REPORT = 1 << 20


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that waits here, as it is noted beside it.

    Attributes:
        name: Its name.
        size: In bytes.
        sha256: Of its contents, in hexadecimal digits.
        rows: How many rows it holds.
        verified: Whether a restore of it has been rehearsed.
        fingerprints: What the database held when it was made.
    """

    name: str
    size: int
    sha256: str
    rows: int
    verified: bool
    fingerprints: Fingerprints


class StagingPlace:
    """Where a backup is made and verified, one at a time; whoever uses it holds the backup lock.

    Args:
        config: The configuration.
        data_dir: The data folder.
    """

    def __init__(self, config: Config, data_dir: Path) -> None:
        self._config = config
        self._data_dir = data_dir
        self._folder = data_dir / _FOLDER

    def path(self, staged: Staged) -> Path:
        """Return where a backup is."""
        return self._folder / staged.name

    async def ready(self, name: str, passphrase: bytes) -> Staged:
        """Return a backup of this name that was verified; it is made unless it waits here already.

        Raises:
            StartError: It cannot be made, or not be restored; nothing of it stays then.
        """
        staged = await asyncio.to_thread(self._found, name)
        if staged is None:
            staged = await self._made(name, passphrase)
        if staged.verified:
            return staged
        try:
            await self._rehearse(staged, passphrase)
        except StartError:
            self.clear()
            raise
        staged = msgspec.structs.replace(staged, verified=True)
        await asyncio.to_thread(self._note, staged)
        return staged

    def clear(self) -> None:
        """Delete what waits here."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _found(self, name: str) -> Staged | None:
        """Return what is here under a name, as whole as it was; all else is deleted."""
        try:
            staged = msgspec.json.decode((self._folder / _NOTE).read_bytes(), type=Staged)
            whole = self.path(staged).stat().st_size == staged.size
            if whole and staged.name == name and sha256_of(self.path(staged)) == staged.sha256:
                return staged
        except (OSError, msgspec.MsgspecError):
            pass
        self.clear()
        return None

    async def _made(self, name: str, passphrase: bytes) -> Staged:
        ending = threading.Event()

        def work() -> Staged:
            path = private_folder(self._folder) / name
            with atomic_file(path) as file:
                guarded = cast("BinaryIO", _Guarded(file, self._folder, ending.is_set))
                made = write_backup(guarded, passphrase, self._config, self._data_dir)
            staged = Staged(
                name=name,
                size=path.stat().st_size,
                sha256=sha256_of(path),
                rows=made.rows,
                verified=False,
                fingerprints=made.fingerprints,
            )
            self._note(staged)
            return staged

        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except OSError as error:
            raise StartError(error.strerror or "I/O error") from None
        except asyncio.CancelledError:
            ending.set()
            await asyncio.wait((task,), timeout=_ENDING_S)
            raise

    def _note(self, staged: Staged) -> None:
        replace_private(self._folder / _NOTE, msgspec.json.encode(staged))

    async def _rehearse(self, staged: Staged, passphrase: bytes) -> None:
        """Restore it into a scratch place, in a process of its own.

        Raises:
            StartError: That is not possible, or gives something else.
        """
        order = Order(passphrase.decode(), staged.fingerprints)
        report = await rehearse_beside(self.path(staged), self._data_dir, order)
        if report.error:
            raise StartError(f"the backup cannot be restored: {report.error}")
        if sum(report.rows.values()) != staged.rows:
            raise StartError("the backup cannot be restored: rows are missing")


async def rehearse_beside(path: Path, data_dir: Path, order: Order) -> Report:
    """Rehearse the restore of a file in a process of its own, and return what came of it.

    Raises:
        StartError: It takes too long, or ends without a report.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pisovereign.backup.rehearse_program", str(path),
        str(data_dir / _SCRATCH), f"--parent-pid={os.getpid()}",
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_REHEARSAL_S):
            output, _ = await process.communicate(msgspec.json.encode(order))
        return msgspec.json.decode(output[:_LONGEST_REPORT], type=Report)
    except TimeoutError:
        raise StartError("the rehearsal of a restore takes too long") from None
    except msgspec.MsgspecError:
        raise StartError("the rehearsal of a restore ended without a result") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())


class _Guarded:
    """A file that is given up when the disk gets too full, or when the program ends."""

    def __init__(self, file: BinaryIO, folder: Path, ends: Callable[[], bool]) -> None:
        self._file = file
        self._folder = folder
        self._ends = ends
        self._left = 0

    def write(self, data: bytes) -> int:
        """Write, unless there is a reason not to.

        Raises:
            StartError: There is.
        """
        self._left -= len(data)
        if self._left <= 0:
            self._left = _LOOK_BYTES
            if shutil.disk_usage(self._folder).free < RESERVE_BYTES:
                raise StartError("the disk is too full to make a backup")
            if self._ends():
                raise StartError("the program ends")
        return self._file.write(data)
