"""The steps of an update. Each may be cut off at any moment, and none has to be finished then.

    install   writes into the system that does not run; what runs and what starts stays as it is
    try_once  asks the firmware for one start with it; a power cut clears that wish
    settle    at each start: finds out what has become of it
    confirm   in the system that is tried: keeps it, by the one write that decides, or starts again,
              which leads back

Which system starts is decided by `autoboot.txt` alone. The state file says what was meant; where
the two differ, the state follows.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Callable
from typing import BinaryIO

from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_holder
from pisovereign.updates import slot_writer
from pisovereign.updates.autoboot import Slot, other
from pisovereign.updates.board import Board
from pisovereign.updates.bundle import Bundle, read_notice, verify_pieces
from pisovereign.updates.minisign import load_keys
from pisovereign.updates.progress import Step
from pisovereign.updates.release import board_name, read_release, require_for_here
from pisovereign.updates.state import UpdateState, clear_parts, moved, read_state, write_state
from pisovereign.updates.trial import drop_trial_key, make_trial_key

_log = logging.getLogger(__name__)
_INTERRUPTED = "it was interrupted before it was written completely"
_NOT_STARTED = "the new system did not start, or was switched off before it was kept"


def accept(board: Board, file: BinaryIO) -> Bundle:
    """Read the notice of an update, and require that it may be installed here and now.

    Raises:
        BundleRefused: It is no update.
        NotSigned: Nobody who counts has signed it.
        NotForHere: It is for another machine, or not newer.
        StartError: Something else is in the way.
    """
    bundle = read_notice(file, load_keys(board.keys))
    require_for_here(bundle.manifest, read_release(board.release), board_name(board.model))
    _require_kept(board)
    state = read_state(board.state)
    if state is not None and state.stage == "trying":
        # The firmware was asked to start what is written: it must be whole until then.
        raise StartError("the machine starts again with an update at this moment")
    board.require_one_card()
    slot_writer.require_room(board, bundle, other(board.running_slot()))
    return bundle


def install(
    board: Board, file: BinaryIO, tell: Callable[[Step, int, int], None] = lambda *_: None
) -> UpdateState:
    """Verify an update wholly, then write it into the system that does not run, and read it back.

    Args:
        board: the machine.
        file: the update, from its beginning.
        tell: is told the step (`verifying`, `writing`), and how many of how many bytes.

    Raises:
        StartError: It is refused, and nothing was written; or it could not be written, and what
            runs is untouched.
    """
    with only_holder(board.state / "lock", "an update is being installed"):
        bundle = accept(board, file)
        slot = other(board.running_slot())
        verify_pieces(file, bundle, lambda done: tell("verifying", done, bundle.manifest.stored))
        state = _begun(board, bundle, slot)
        write_state(board.state, state)
        try:
            file.seek(bundle.begin)
            total = sum(part.size for part in bundle.manifest.parts)
            slot_writer.write(board, file, bundle, slot, lambda done: tell("writing", done, total))
            slot_writer.verify_written(board, bundle, slot)
        except StartError as error:
            write_state(board.state, moved(state, "failed", str(error)))
            raise
        state = moved(state, "written")
        write_state(board.state, state)
        return state


def try_once(board: Board) -> None:
    """Start the machine once with what was written.

    Raises:
        StartError: Nothing is written that could be tried.
    """
    with only_holder(board.state / "lock", "an update is being installed"):
        state = read_state(board.state)
        if state is None or state.stage != "written" or state.slot != other(board.running_slot()):
            raise StartError("there is no update that is written and waits to be tried")
        _require_kept(board)
        write_state(board.state, moved(state, "trying"))
        try:
            board.restart(trying=True)
        except StartError:
            write_state(board.state, state)
            raise


def settle(board: Board) -> UpdateState | None:
    """Find out, at a start, what has become of an update; returns the state as it is then.

    If this start is the trial, a key is made with which it can be checked, and until it is kept
    nobody else is served.

    Raises:
        StartError: The machine has no two systems, or the state cannot be written.
    """
    clear_parts(board.state)
    state = read_state(board.state)
    drop_trial_key(board.run)
    if state is None:
        return None
    running, regular = board.running_slot(), board.regular_slot()
    if state.stage == "trying" and running == state.slot:
        if regular != state.slot:
            try:
                make_trial_key(board.run)
            except StartError:
                # Without it everybody would be served, by a system that nobody has checked.
                board.restart(trying=False)
                raise
            return state
        # The decisive write was made, and what follows it was cut off.
        return _noted(board, moved(state, "kept"))
    if state.stage == "trying":
        return _noted(board, moved(state, "rolled_back", state.error or _NOT_STARTED))
    if state.stage == "writing":
        return _noted(board, moved(state, "failed", _INTERRUPTED))
    return state


def confirm(board: Board, check: Callable[[], None]) -> UpdateState:
    """In the system that is tried: keep it if it works; otherwise start again, which leads back.

    Args:
        board: the machine.
        check: raises if the system does not do what it has to.

    Raises:
        StartError: No update is being tried, or it did not work; then the machine starts again.
    """
    state = read_state(board.state)
    if state is None or state.stage != "trying" or state.slot != board.running_slot():
        raise StartError("no update is being tried")
    try:
        check()
        # From here on the new system is the one that starts.
        board.make_regular(state.slot)
    except StartError as error:
        _log.error("the update to %s does not work: %s", state.version, error)
        write_state(board.state, moved(state, "trying", str(error)))
        board.restart(trying=False)
        raise
    state = _noted(board, moved(state, "kept"))
    drop_trial_key(board.run)
    board.restart_program()
    return state


def _require_kept(board: Board) -> None:
    if board.regular_slot() != board.running_slot():
        raise StartError("the system that runs is being tried itself; first it is kept or not")


def _begun(board: Board, bundle: Bundle, slot: Slot) -> UpdateState:
    manifest = bundle.manifest
    return UpdateState(
        id=secrets.token_hex(4),
        stage="writing",
        version=manifest.version,
        built=manifest.built,
        notes=manifest.notes,
        slot=slot,
        before=read_release(board.release).version,
        changed_at=dt.datetime.now(dt.UTC),
    )


def _noted(board: Board, state: UpdateState) -> UpdateState:
    write_state(board.state, state)
    _log.info("the update to %s: %s %s", state.version, state.stage, state.error or "")
    return state
