"""llama.cpp's messages, brought into our logs instead of onto stderr."""

from __future__ import annotations

import ctypes
import functools
import logging

import llama_cpp

logger = logging.getLogger("pisovereign.engine.llama")

_ERROR, _CONTINUED = 4, 5
_LEVELS = {2: logging.DEBUG, 3: logging.INFO, _ERROR: logging.WARNING}


@functools.cache
def llama_log() -> LlamaLog:
    """The one receiver of this process, as the library has one pointer; it is never let go."""
    return LlamaLog()


class LlamaLog:
    """Receives every message of the library; must live as long as the library may log.

    Attributes:
        last_error: the last line of severity "error", for a message to the user.
    """

    def __init__(self) -> None:
        self.last_error = "unknown reason"
        self._callback = llama_cpp.llama_log_callback(self._receive)
        llama_cpp.llama_log_set(self._callback, ctypes.c_void_p())

    def _receive(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        if not line or level == _CONTINUED:
            return
        if level == _ERROR:
            self.last_error = line.rpartition(": ")[2]
        logger.log(_LEVELS.get(level, logging.DEBUG), "%s", line)
