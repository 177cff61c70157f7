"""The latest lines of the log, for the owner who looks at the page: bounded, and in memory.

Each process writes files of its own, one line of JSON for each record, and no more than two of 128
KiB. What is logged is never a message's text or a key, so neither is here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from pisovereign.files import private_folder
from pisovereign.log_bounds import is_written
from pisovereign.logs import request_id

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
_FILE_BYTES = 128 * 1024
_LONGEST = 2000
_NAME = re.compile(r"([a-z]+)-([0-9]+)\.(new|old)")
_encode = msgspec.json.Encoder().encode


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line: when, how severe, which process and part of it, which request, and what."""

    at: dt.datetime
    level: Level
    process: str
    logger: str
    request_id: str
    text: str


class RecentLog(logging.Handler):
    """Writes the lines of one process.

    Args:
        folder: Where all processes write theirs.
        process: What this one is called; lower-case letters.
    """

    def __init__(self, folder: Path, process: str) -> None:
        super().__init__()
        self._folder = folder
        self._process = process
        self._pid = 0
        self._path = folder
        self._file: BinaryIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a log that cannot be written is no reason to fail."""
        with contextlib.suppress(OSError, ValueError):
            self._open().write(_encode(self._line(record)) + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()

    def _line(self, record: logging.LogRecord) -> LogLine:
        text = record.getMessage()
        duration = getattr(record, "duration_ms", None)
        return LogLine(
            at=dt.datetime.fromtimestamp(record.created, dt.UTC),
            level=_level(record.levelno),
            process=self._process,
            logger=record.name,
            request_id=request_id.get(),
            text=(text if duration is None else f"{text} {duration} ms")[:_LONGEST],
        )

    def _open(self) -> BinaryIO:
        """Return the file of this process; one that was forked gets its own."""
        if self._file is not None and self._pid == os.getpid():
            if self._file.tell() < _FILE_BYTES:
                return self._file
            self._file.close()
            self._path.rename(self._path.with_suffix(".old"))
        else:
            self._pid = os.getpid()
            private_folder(self._folder)
            self._forget_ended()
        self._path = self._folder / f"{self._process}-{self._pid}.new"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab", buffering=0)
        assert self._file is not None
        if self._file.tell():  # the last line of before may have no end
            self._file.write(b"\n")
        return self._file

    def _forget_ended(self) -> None:
        """Delete what processes of this name left, but for the one that ended last."""
        ended = sorted(
            (path.stat().st_mtime, path)
            for path in self._folder.iterdir()
            if (found := _NAME.fullmatch(path.name))
            and found[1] == self._process
            and not Path("/proc", found[2]).exists()
        )
        for _, path in ended[:-1]:
            path.unlink(missing_ok=True)


def keep_recent_lines(folder: Path, process: str) -> None:
    """Have what this process logs from now on kept for a look."""
    handler = RecentLog(folder, process)
    handler.addFilter(is_written)
    logging.getLogger().addHandler(handler)


def read_recent_lines(folder: Path, least: Level, most: int) -> list[LogLine]:
    """Return the newest lines of all processes that are at least so severe, the oldest first."""
    wanted = frozenset(LEVELS[LEVELS.index(least) :])
    found: list[LogLine] = []
    if folder.is_dir():
        for path in folder.iterdir():
            if _NAME.fullmatch(path.name):
                lines = (line for line in _lines(path) if line.level in wanted)
                found += deque(lines, maxlen=most)
    return sorted(found, key=lambda line: line.at)[-most:]


def _lines(path: Path) -> Iterator[LogLine]:
    try:
        content = path.read_bytes()
    except OSError:  # its process begins another one just now
        return
    for line in content.splitlines():
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            yield msgspec.json.decode(line, type=LogLine)


def _level(number: int) -> Level:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"
