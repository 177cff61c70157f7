"""Updates for the page and for programs: what there is, and installing it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import msgspec

from pisovereign.config import UpdatesConfig
from pisovereign.errors import (
    Conflict,
    NotFound,
    PiSovereignError,
    ServiceUnavailable,
    StartError,
    UpstreamError,
)
from pisovereign.files import replace_private
from pisovereign.outbound.client import OutboundClient
from pisovereign.updates.board import Board
from pisovereign.updates.choice import Choice, Choices
from pisovereign.updates.minisign import PublicKey, load_keys
from pisovereign.updates.order import UpdaterClient
from pisovereign.updates.progress import read_progress
from pisovereign.updates.release import Release, board_name, order, read_release, require_for_here
from pisovereign.updates.source import Found, fetch_notice, find_on_sticks, parse_notice
from pisovereign.updates.state import UpdateState, read_state
from pisovereign.updates.types import InstallWish, LastUpdate, Running, Updates, UpdateWorkState
from pisovereign.updates.work import UpdateWork

_NOTICE, _CHECK = ".notice", ".checked.json"


class _Checked(msgspec.Struct, frozen=True):
    """When the address was asked, and why that failed, if it did."""

    at: dt.datetime
    failed: str | None = None


class UpdateService:
    """All that is done with updates while the program runs.

    Args:
        config: Where they come from.
        board: The machine.
        client: The way out.
        updater: Root's program.
        work: Fetches and installs.
        choices: Which are installed automatically.
    """

    def __init__(
        self,
        config: UpdatesConfig,
        board: Board,
        client: OutboundClient,
        *,
        updater: UpdaterClient,
        work: UpdateWork,
        choices: Choices,
    ) -> None:
        self._config = config
        self._board = board
        self._client = client
        self._updater = updater
        self._work = work
        self._choices = choices

    async def overview(self) -> Updates:
        """Return what runs, what there is, and what goes on."""
        return await asyncio.to_thread(self._overview)

    async def check(self) -> Updates:
        """Ask the address whether there is an update, and keep what it answers.

        Raises:
            Conflict: There is no address, or this machine is not updated like this.
        """
        if not self._updater.there or not self._config.address:
            raise Conflict("There is no address that updates come from: see updates.address")
        failed: str | None = None
        try:
            data = await fetch_notice(self._client, self._config.address)
            await asyncio.to_thread(self._keep, data)
        except PiSovereignError as error:
            failed = error.message
        except StartError as error:
            failed = str(error)
        checked = _Checked(dt.datetime.now(dt.UTC), failed)
        await asyncio.to_thread(
            replace_private, self._board.incoming / _CHECK, msgspec.json.encode(checked)
        )
        return await self.overview()

    async def install(self, wish: InstallWish) -> UpdateWorkState:
        """Begin to fetch and install one of the offered updates.

        Raises:
            NotFound: It is not offered.
            Conflict: Something else is being done.
            ServiceUnavailable: There is no room for it.
        """
        for found in await asyncio.to_thread(self._found):
            if (found.source, found.file) == (wish.source, wish.file):
                return self._work.begin(found, then_try=wish.then_try)
        raise NotFound("No such update, or it is not for this machine")

    async def try_once(self) -> None:
        """Start the machine once with what was written; it decides by itself whether to keep it.

        Raises:
            Conflict: Nothing waits to be tried.
            ServiceUnavailable: The program that does so does not answer.
        """
        await self._updater.try_once()

    async def choose(self, choice: Choice) -> Updates:
        """Choose which are installed automatically, and when.

        Raises:
            Conflict: The configuration leaves no choice, or this machine is not updated like this.
            ServiceUnavailable: It cannot be stored.
        """
        if not self._updater.there:
            raise Conflict("Only the system of a flashed card is updated like this")
        try:
            await asyncio.to_thread(self._choices.write, choice)
        except StartError as error:
            raise ServiceUnavailable(str(error)) from None
        return await self.overview()

    def _keep(self, data: bytes) -> None:
        """Keep a notice, once it is known whose it is.

        Raises:
            UpstreamError: It is older than what was offered before.
        """
        keys = load_keys(self._board.keys)
        new = parse_notice(data, self._config.address, keys)
        known = self._at_address(keys)
        if known is not None and _order(new) < _order(known):
            # Signed once, but not the newest any more: somebody holds updates back.
            raise UpstreamError("The address offers an older update than before")
        replace_private(self._board.incoming / _NOTICE, data)

    def _at_address(self, keys: list[PublicKey]) -> Found | None:
        try:
            data = (self._board.incoming / _NOTICE).read_bytes()
            return parse_notice(data, self._config.address, keys)
        except (OSError, StartError):
            return None

    def _found(self) -> list[Found]:
        """Return the updates that may be installed here, the newest first."""
        if not self._updater.there:
            return []
        try:
            keys, release = load_keys(self._board.keys), read_release(self._board.release)
        except StartError:
            return []
        known = self._at_address(keys) if self._config.address else None
        found = [known] if known is not None else []
        found += find_on_sticks(Path(self._config.media_folder), keys)
        board = board_name(self._board.model)
        fitting = [it for it in found if _fits(it, release, board)]
        return sorted(fitting, key=_order, reverse=True)

    def _overview(self) -> Updates:
        checked, last = self._checked(), read_state(self._board.state)
        choice = self._choices.read()
        return Updates(
            possible=self._updater.there,
            running=self._running(),
            offered=[found.offered() for found in self._found()],
            checked_at=checked.at if checked else None,
            check_failed=checked.failed if checked else None,
            work=self._work.state(),
            progress=read_progress(self._board.run),
            last=_told(last) if last else None,
            automatic=choice.automatic,
            at=choice.at,
            choosable=self._updater.there and not self._choices.fixed,
        )

    def _running(self) -> Running | None:
        if not self._updater.there:
            return None
        try:
            release = read_release(self._board.release)
            slot = self._board.running_slot()
        except StartError:
            return None
        built = dt.datetime.fromtimestamp(release.built, dt.UTC)
        return Running(release.version, built, release.product, slot)

    def _checked(self) -> _Checked | None:
        try:
            content = (self._board.incoming / _CHECK).read_bytes()
            return msgspec.json.decode(content, type=_Checked)
        except (OSError, msgspec.MsgspecError):
            return None


def _order(found: Found) -> tuple[int, ...]:
    manifest = found.bundle.manifest
    return order(manifest.version, manifest.built)


def _told(state: UpdateState) -> LastUpdate:
    return LastUpdate(
        stage=state.stage,
        version=state.version,
        built_at=dt.datetime.fromtimestamp(state.built, dt.UTC),
        before=state.before,
        notes=state.notes,
        changed_at=state.changed_at,
        error=state.error,
    )


def _fits(found: Found, release: Release, board: str | None) -> bool:
    try:
        require_for_here(found.bundle.manifest, release, board)
    except StartError:
        return False
    return True
