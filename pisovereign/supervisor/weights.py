"""Converted weights of a model, which may be computed faster on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path

from pisovereign.engine.memory import available_memory
from pisovereign.errors import StartError
from pisovereign.files import private_folder, replace_private, sync
from pisovereign.supervisor.child import ProgramFailed, run_program

# By `general.file_type` in a GGUF file: formats that llama.cpp has no matrix kernels for. They take
# 5 and 6 bits a number, the wanted one 8.5.
SLOW_FORMATS = {3: "Q4_1", 9: "Q5_1"}
_GROWTH = 2
# The file as it is stays in memory beside the other one while they are compared.
_MEMORY = 4
_LIMIT_S = 300.0
_Mark = tuple[int, int, int]


class ConvertedWeights:
    """The weights of one model file as Q8_0.

    Args:
        data_dir: the data folder; the file is kept inside.
        model: the model's id.
        sha256: of the model file.
        source: the model file.

    Attributes:
        path: where the converted file is, once it is made.
    """

    def __init__(self, data_dir: Path, model: str, sha256: str, source: Path) -> None:
        self._folder = data_dir / "weights"
        self._model = model
        self._source = source
        self.path = self._folder / f"{model}-{sha256[:16]}-q8_0.gguf"
        self._checksum = self.path.with_suffix(".blake2b")
        self._checked: _Mark | None = None

    def possible(self, file_type: int) -> bool:
        """Return whether converting this format makes sense and there is room for the result."""
        if file_type not in SLOW_FORMATS:
            return False
        size = self._source.stat().st_size
        room = shutil.disk_usage(self._folder.parent).free
        return room > (_GROWTH + 1) * size and available_memory() > _MEMORY * size

    def is_whole(self) -> bool:
        """Return whether the file is as it was made; it is read in full only if it changed."""
        try:
            if self._mark() != self._checked:
                if self._checksum.read_text("ascii") != _digest(self.path):
                    return False
                self._checked = self._mark()
        except (OSError, UnicodeDecodeError):
            return False
        return True

    def make(self) -> None:
        """Make the file if it is not there; it appears whole or not at all.

        Raises:
            ProgramFailed: it cannot be made.
        """
        if self.is_whole():
            return
        part = self.path.with_suffix(".part")
        try:
            private_folder(self._folder)
            self._clear()
            self._convert(part)
        except OSError as error:
            raise ProgramFailed(f"{self.path}: {error.strerror}") from None
        except StartError as error:
            raise ProgramFailed(str(error)) from None
        finally:
            # A disk that is full must not stay so.
            with contextlib.suppress(OSError):
                part.unlink()

    def drop(self) -> None:
        """Remove the file, if it is there and can be removed: all it does is to take room."""
        with contextlib.suppress(OSError):
            self._clear()

    def _convert(self, part: Path) -> None:
        program = [sys.executable, "-m", "pisovereign.engine.requantize"]
        run_program([*program, str(self._source), str(part), str(os.getpid())], _LIMIT_S)
        part.chmod(0o600)
        sync(part)
        replace_private(self._checksum, _digest(part).encode())
        part.rename(self.path)
        sync(self._folder)

    def _clear(self) -> None:
        """Remove what is there, of older versions of the model too, or was left by a sudden end."""
        for old in self._folder.glob(f"{self._model}-{'?' * 16}-q8_0.*"):
            old.unlink()

    def _mark(self) -> _Mark:
        status = self.path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
