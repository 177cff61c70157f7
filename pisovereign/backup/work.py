"""Making, verifying and fetching backups beside the requests, one at a time, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec

from pisovereign.backup.folder import RESERVE_BYTES, BackupFolder
from pisovereign.backup.make import (
    atomic_file,
    dated_name,
    installation_key_id,
    keep_newest,
    write_backup,
)
from pisovereign.backup.rehearse_program import Order
from pisovereign.backup.restore import verify
from pisovereign.backup.staged import rehearse_beside
from pisovereign.backup.types import BackupWorkState, Contents
from pisovereign.config import Config
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.errors import Conflict, PiSovereignError, ServiceUnavailable, StartError
from pisovereign.process.instance_lock import only_backup
from pisovereign.process.work_note import WorkNote

_STATE = ".work.json"
_ENDING_S = 10.0


class _Ended(StartError):
    """The program ends."""


class BackupWork:
    """Does what takes long, in a thread, and tells every process how far it got.

    Args:
        folder: The backups.
        config: The configuration.
        data_dir: The data folder.
    """

    def __init__(self, folder: BackupFolder, config: Config, data_dir: Path) -> None:
        self._folder = folder
        self._config = config
        self._data_dir = data_dir
        self._task: asyncio.Task[None] | None = None
        self._ending = threading.Event()
        self._now: BackupWorkState | None = None
        self._noted = WorkNote(folder.path / _STATE, BackupWorkState)

    def start(self) -> None:
        """Begin nothing: there is work when somebody asks for it."""

    async def stop(self) -> None:
        """End what is being done; nothing of it stays."""
        self._ending.set()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=_ENDING_S)

    def state(self) -> BackupWorkState | None:
        """Return what is or was done last, by whichever process; None: nothing ever was."""
        state = self._noted.read()
        if state is None:
            return None
        if state.status == "running" and not self._is_held():
            return msgspec.structs.replace(state, status="stopped")
        return state

    def make(self, passphrase: bytes) -> BackupWorkState:
        """Begin to write a backup of everything.

        Raises:
            Conflict: Something else is being done.
            StartError: The folder or the key cannot be used.
        """
        self._folder.ready()
        key = installation_key_id(self._data_dir)
        path = self._folder.path / dated_name(key, time.time())

        def write() -> None:
            with atomic_file(path) as file:
                counting = cast("BinaryIO", _Counting(file, self._count))
                write_backup(counting, passphrase, self._config, self._data_dir)
            keep_newest(self._folder.path, key, self._config.backup.keep)

        return self._begin("make", path.name, 0, lambda: asyncio.to_thread(write))

    def verify(self, name: str, passphrase: bytes) -> BackupWorkState:
        """Begin to read a backup in full, and then to restore it into a scratch place.

        Raises:
            NotFound: There is none of this name.
            Conflict: Something else is being done.
        """
        path = self._folder.find(name)

        def read() -> Contents:
            with path.open("rb") as file:
                counting = cast("BinaryIO", _Counting(file, self._count))
                found = verify(counting, passphrase)
            return Contents(
                dt.datetime.fromtimestamp(found.manifest.made_at, dt.UTC),
                found.manifest.program,
                found.rows,
                sorted(found.files),
            )

        async def work() -> None:
            contents = await asyncio.to_thread(read)
            report = await rehearse_beside(path, self._data_dir, Order(passphrase.decode()))
            if report.error:
                raise StartError(report.error)
            assert self._now is not None
            self._now = msgspec.structs.replace(self._now, contents=contents)

        return self._begin("verify", name, path.stat().st_size, work)

    def fetch(
        self, name: str, size: int, using: Callable[[], AbstractContextManager[FileStore]]
    ) -> BackupWorkState:
        """Begin to bring a backup here.

        Args:
            name: Its name, there and here.
            size: Its size in bytes.
            using: Holds the place where it is.

        Raises:
            Conflict: Something else is being done, there is one of this name, or no room.
            ServiceUnavailable: There is no folder for it.
        """
        try:
            path = self._folder.ready() / name
        except StartError as error:
            raise ServiceUnavailable(str(error)) from None
        if path.exists():
            raise Conflict("There is a backup of this name here already")
        if size > self._folder.free_bytes() - RESERVE_BYTES:
            raise Conflict("There is no room for it on this device")

        async def work() -> None:
            with using() as store, atomic_file(path) as file:
                done = 0
                async for piece in store.read(name):
                    done += len(piece)
                    if done > size:
                        break
                    await asyncio.to_thread(file.write, piece)
                    self._count(done)
                if done != size:
                    raise StartError("what came is not the file that was listed")

        return self._begin("fetch", name, size, work)

    def _begin(
        self,
        kind: Literal["make", "verify", "fetch"],
        file: str,
        total: int,
        work: Callable[[], Awaitable[None]],
    ) -> BackupWorkState:
        holding = contextlib.ExitStack()
        try:
            holding.enter_context(only_backup(self._data_dir))
        except StartError:
            raise Conflict("Another backup is being written or read") from None
        self._now = BackupWorkState(kind=kind, file=file, status="running", total=total)
        self._write()
        self._task = asyncio.get_running_loop().create_task(self._run(work, holding))
        return self._now

    async def _run(
        self, work: Callable[[], Awaitable[None]], holding: contextlib.ExitStack
    ) -> None:
        with holding:
            try:
                await work()
            except _Ended:
                self._end("stopped")
            except StartError as error:
                self._end("failed", str(error))
            except PiSovereignError as error:
                self._end("failed", error.message)
            except OSError as error:
                self._end("failed", error.strerror or "I/O error")
            else:
                self._end("done")

    def _count(self, done: int) -> None:
        """Note how many bytes were written or read; called by the thread."""
        if self._ending.is_set():
            raise _Ended
        if self._noted.is_due and self._now is not None:
            self._now = msgspec.structs.replace(self._now, done=done)
            self._write()

    def _end(self, status: Literal["done", "failed", "stopped"], error: str | None = None) -> None:
        assert self._now is not None
        self._now = msgspec.structs.replace(self._now, status=status, error=error)
        self._write()

    def _write(self) -> None:
        assert self._now is not None
        self._noted.write(self._now)

    def _is_held(self) -> bool:
        try:
            with only_backup(self._data_dir):
                return False
        except StartError:
            return True


class _Counting:
    """A file that reports how far it was read or written."""

    def __init__(self, file: BinaryIO, report: Callable[[int], None]) -> None:
        self._file = file
        self._report = report

    def write(self, data: bytes) -> int:
        written = self._file.write(data)
        self._report(self._file.tell())
        return written

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._report(self._file.tell())
        return data

    def seek(self, place: int) -> int:
        return self._file.seek(place)
