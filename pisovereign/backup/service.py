"""Backups for the page and for programs: making, keeping, verifying and restoring them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from pisovereign.backup.encryption import EncryptedFile
from pisovereign.backup.errors import WrongPassphrase
from pisovereign.backup.folder import BackupFolder
from pisovereign.backup.make import outside_files
from pisovereign.backup.passphrase import normalized
from pisovereign.backup.restore_state import RestoreState, read_state
from pisovereign.backup.types import Backups, BackupWorkState, UploadState
from pisovereign.backup.work import BackupWork
from pisovereign.config import Config
from pisovereign.errors import Conflict, ServiceUnavailable, StartError, ValidationFailed
from pisovereign.process.control import ControlClient, RestoreOrder

_PIECE = 256 * 1024
_APPLIANCE = "sudo /opt/pisovereign/bin/pisovereign-appliance restore FILE"
_ELSEWHERE = "pisovereign-cli restore --replace FILE"


class BackupService:
    """All that is done with backups while the program runs.

    Args:
        config: The configuration.
        data_dir: The data folder.
        work: Makes and verifies.
        folder: Where they are.
        control: The supervisor, which restores.
    """

    def __init__(
        self,
        config: Config,
        data_dir: Path,
        work: BackupWork,
        folder: BackupFolder,
        control: ControlClient,
    ) -> None:
        self._config = config
        self._data_dir = data_dir
        self._work = work
        self._folder = folder
        self._control = control

    def overview(self) -> Backups:
        """Return what is there, and what goes on."""
        return Backups(
            files=self._folder.files(),
            folder=str(self._folder.path),
            free_bytes=self._folder.free_bytes(),
            keep=self._config.backup.keep,
            work=self._work.state(),
            restore=read_state(self._data_dir),
            restorable=self._restorable,
            restore_command=_APPLIANCE if self._is_appliance else _ELSEWHERE,
            not_included=outside_files(self._config),
        )

    def make(self, passphrase: str) -> BackupWorkState:
        """Begin to write a backup.

        Raises:
            Conflict: Something else is being done.
            ServiceUnavailable: There is no place for it.
        """
        try:
            return self._work.make(normalized(passphrase).encode())
        except StartError as error:
            raise ServiceUnavailable(str(error)) from None

    async def verify(self, name: str, passphrase: str) -> BackupWorkState:
        """Begin to read a backup in full.

        Raises:
            NotFound: There is none of this name.
            ValidationFailed: The passphrase is not the one of this file.
            Conflict: Something else is being done, or it is no backup that can be read.
        """
        await self._check(name, passphrase)
        return self._work.verify(name, normalized(passphrase).encode())

    async def restore(self, name: str, passphrase: str, *, with_config: bool) -> RestoreState:
        """Begin to restore a backup; the end of it is a new start of everything.

        Raises:
            NotFound: There is none of this name.
            ValidationFailed: The passphrase is not the one of this file.
            Conflict: It cannot be done here, or not now.
        """
        path = self._folder.find(name)
        if not self._restorable:
            raise Conflict("A restore is not done from here; see restore_command")
        await self._check(name, passphrase)
        order = RestoreOrder(
            file=str(path), passphrase=normalized(passphrase), with_config=with_config
        )
        await self._control.restore(order)
        state = read_state(self._data_dir)
        assert state is not None, "the supervisor notes the beginning before it answers"
        return state

    def take(self, name: str, size: int, offset: int, piece: bytes) -> UploadState:
        """Take a piece of a backup that is uploaded.

        Raises:
            Conflict: There is a backup of this name.
            ValidationFailed: It is no backup, or there is no room; nothing of it stays.
            ServiceUnavailable: There is no place for it.
        """
        try:
            return self._folder.take(name, size, offset, piece)
        except StartError as error:
            raise ServiceUnavailable(str(error)) from None

    def delete(self, name: str) -> None:
        """Delete a backup.

        Raises:
            NotFound: There is none of this name.
        """
        self._folder.delete(name)

    def open(self, name: str) -> tuple[AsyncIterator[bytes], int]:
        """Return the bytes of a backup, and how many there are.

        Raises:
            NotFound: There is none of this name.
        """
        file = self._folder.find(name).open("rb")
        return _pieces(file), file.seek(0, 2)

    async def _check(self, name: str, passphrase: str) -> None:
        """Try the passphrase, which takes a part of a second."""
        path = self._folder.find(name)

        def attempt() -> None:
            with path.open("rb") as file:
                EncryptedFile(file, normalized(passphrase).encode())

        try:
            await asyncio.to_thread(attempt)
        except WrongPassphrase:
            text = "is not the one of this backup"
            raise ValidationFailed([{"field": "passphrase", "error": text}]) from None
        except StartError as error:
            raise Conflict(str(error)) from None

    @property
    def _restorable(self) -> bool:
        database = self._config.database
        return self._control.there and not (database.owner_url or database.url)

    @property
    def _is_appliance(self) -> bool:
        return bool(self._config.runner.privileged_socket)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
