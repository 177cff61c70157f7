"""Fetching and installing beside the requests, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from pathlib import Path

import msgspec

from pisovereign.errors import Conflict, PiSovereignError, ServiceUnavailable, StartError
from pisovereign.outbound.client import OutboundClient
from pisovereign.process.instance_lock import only_holder
from pisovereign.process.work_note import WorkNote
from pisovereign.updates.board import Board
from pisovereign.updates.order import UpdaterClient
from pisovereign.updates.progress import read_progress
from pisovereign.updates.source import Found, copy, download
from pisovereign.updates.state import read_state
from pisovereign.updates.types import UpdateWorkState

_STATE, _LOCK = ".work.json", ".lock"
_LOOK_S = 1.0
_INSTALL_S = 2 * 3600.0
# What is fetched leaves this much to the database and the log.
_RESERVE_BYTES = 512 * 1024 * 1024


class UpdateWork:
    """Does what takes long, and tells every process how far it got.

    Args:
        board: The machine; what is fetched goes into its folder for that.
        client: The way out.
        updater: Root's program.
    """

    def __init__(self, board: Board, client: OutboundClient, updater: UpdaterClient) -> None:
        self._board = board
        self._client = client
        self._updater = updater
        self._task: asyncio.Task[None] | None = None
        self._now: UpdateWorkState | None = None
        self._noted = WorkNote(board.incoming / _STATE, UpdateWorkState)

    def start(self) -> None:
        """Begin nothing: there is work when somebody asks for it."""

    async def stop(self) -> None:
        """End what is being fetched; it goes on from there when it is asked for again."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait((self._task,))

    def state(self) -> UpdateWorkState | None:
        """Return what is or was done last, by whichever process; None: nothing ever was."""
        state = self._noted.read()
        if state is None:
            return None
        if state.status in {"fetching", "installing"} and not self._is_held():
            return msgspec.structs.replace(state, status="stopped")
        return state

    def begin(self, found: Found, *, then_try: bool) -> UpdateWorkState:
        """Begin to fetch an update and have it installed, and tried if that is wanted.

        Raises:
            Conflict: Something else is being done.
            ServiceUnavailable: There is no room for it.
        """
        if not self._updater.there:
            raise Conflict("Only the system of a flashed card is updated like this")
        holding = contextlib.ExitStack()
        try:
            free = shutil.disk_usage(self._board.incoming).free
            holding.enter_context(only_holder(self._board.incoming / _LOCK, ""))
        except OSError as error:
            raise ServiceUnavailable(f"Updates cannot be stored: {error.strerror}") from None
        except StartError:
            raise Conflict("An update is being installed already") from None
        if found.bundle.size > free - _RESERVE_BYTES:
            holding.close()
            raise ServiceUnavailable("There is too little room for this update")
        size = found.bundle.size
        self._note(UpdateWorkState("fetching", found.file, then_try, total=size), at_once=True)
        self._task = asyncio.get_running_loop().create_task(self._run(found, then_try, holding))
        assert self._now is not None
        return self._now

    async def _run(self, found: Found, then_try: bool, holding: contextlib.ExitStack) -> None:
        with holding:
            try:
                await self._fetch(found)
                await self._install(found.file)
                self._change(status="done")
                if then_try:
                    await self._updater.try_once()
            except asyncio.CancelledError:
                self._change(status="stopped")
                raise
            except PiSovereignError as error:
                self._change(status="failed", error=error.message)
            except (StartError, OSError) as error:
                self._change(status="failed", error=str(error))

    async def _fetch(self, found: Found) -> None:
        folder = self._board.incoming
        place, part = folder / found.file, folder / f".part.{found.file}"
        for other in [*folder.glob("*.update"), *folder.glob(".part.*")]:
            if other not in {place, part}:
                other.unlink(missing_ok=True)
        if found.source == "stick":
            await asyncio.to_thread(copy, found, part, self._count)
        else:
            await self._download(found, part)
        part.replace(place)

    async def _download(self, found: Found, part: Path) -> None:
        with part.open("ab") as file:
            if file.tell() > found.bundle.size:
                file.truncate(0)
            async for piece in download(self._client, found, file.tell()):
                await asyncio.to_thread(file.write, piece)
                self._count(file.tell())
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())

    async def _install(self, file: str) -> None:
        """Have root's program install it, and wait for the end of that."""
        before = await asyncio.to_thread(read_state, self._board.state)
        self._change(status="installing")
        try:
            await self._updater.install(file)
            async with asyncio.timeout(_INSTALL_S):
                await self._wait(before.id if before else None)
        except TimeoutError:
            raise ServiceUnavailable("The installation does not come to its end") from None
        finally:
            (self._board.incoming / file).unlink(missing_ok=True)

    async def _wait(self, before: str | None) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            state = await asyncio.to_thread(read_state, self._board.state)
            progress = await asyncio.to_thread(read_progress, self._board.run)
            if state is not None and state.id != before and state.stage != "writing":
                if state.stage != "written":
                    raise Conflict(state.error or "It could not be written")
                return
            if progress is not None and progress.step == "ended" and progress.error:
                raise Conflict(progress.error)

    def _count(self, done: int) -> None:
        assert self._now is not None
        self._note(msgspec.structs.replace(self._now, done=done))

    def _change(self, **fields: object) -> None:
        assert self._now is not None
        self._note(msgspec.structs.replace(self._now, **fields), at_once=True)

    def _note(self, state: UpdateWorkState, *, at_once: bool = False) -> None:
        self._now = state
        if at_once or self._noted.is_due:
            self._noted.write(state)

    def _is_held(self) -> bool:
        try:
            with only_holder(self._board.incoming / _LOCK, ""):
                return False
        except StartError:
            return True
