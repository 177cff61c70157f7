"""llama.cpp as a library: its kernels, its log messages, and opening a model file.

On a machine that compiled it for itself there is one set of kernels, which is linked. The Raspberry
Pi image has a library for each kind of processor, and ggml chooses among them.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp

from pisovereign.engine.errors import ModelError


def load(path: Path, *, weights: bool) -> Any:
    """Return llama.cpp's handle of the model, to be freed by the caller.

    Args:
        path: a GGUF file.
        weights: whether they are mapped; without them only questions can be asked.

    Raises:
        ModelError: the file is missing, damaged or of an unknown kind.
    """
    if not path.is_file():
        raise ModelError(f"there is no model file {path}")
    log = llama_log()
    load_backends()
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    if not weights:
        params.no_alloc = True
        # The default maps the file, and then refuses (an assertion) not to allocate.
        params.load_mode = llama_cpp.LLAMA_LOAD_MODE_NONE
    elif _has_amx() and _is_recurrent(path):
        # ggml's kernels for AMX miscompute the offsets of sequences in a stack of matrices, which
        # is how recurrent layers hand them over: of several that are computed together all but the
        # first come out wrong (Qwen3.5), or the process ends with a signal (LFM2). Where weights
        # are not laid out anew, other kernels compute. See ggml-org/llama.cpp issue 19184.
        params.use_extra_bufts = False
    handle = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not handle:
        raise ModelError(f"cannot load the model file {path}: {log.last_error}")
    return handle


def metadata(handle: Any, key: str) -> str | None:
    """Return a short text or number from a model's metadata; None if it is not there."""
    text = ctypes.create_string_buffer(_LONGEST_TEXT)
    size = llama_cpp.llama_model_meta_val_str(handle, key.encode(), text, len(text))
    return text.value.decode("utf-8", "replace") if size >= 0 else None


def has_recurrent_layers(handle: Any) -> bool:
    """Return whether a model has recurrent layers, perhaps among others."""
    recurrent = llama_cpp.llama_model_is_recurrent(handle)
    return bool(recurrent or llama_cpp.llama_model_is_hybrid(handle))


def _has_amx() -> bool:
    return b"AMX_INT8 = 1" in llama_cpp.llama_print_system_info()


def _is_recurrent(path: Path) -> bool:
    handle = load(path, weights=False)
    try:
        return has_recurrent_layers(handle)
    finally:
        llama_cpp.llama_model_free(handle)


_LONGEST_TEXT = 64
_FOLDER = Path(llama_cpp.__file__).with_name("lib")


@functools.cache
def load_backends() -> str:
    """Load the kernels once, and return the name of their library, empty if they are linked."""
    if not any(_FOLDER.glob("libggml-cpu-*.so")):
        return ""
    library = ctypes.CDLL(str(_FOLDER / "libggml.so"))
    load = library.ggml_backend_load_all_from_path
    load.argtypes, load.restype = [ctypes.c_char_p], None
    load(str(_FOLDER).encode())
    loaded = Path("/proc/self/maps").read_text(encoding="utf-8")
    chosen = (path.stem for path in _FOLDER.glob("libggml-cpu-*.so") if str(path) in loaded)
    return next(chosen, "")


logger = logging.getLogger("pisovereign.engine.llama")

_ERROR, _CONTINUED = 4, 5
# The last of several lines about a file that cannot be loaded says nothing.
_NO_REASON = "failed to load model"
_REASON = re.compile(r"error loading model: (?:error loading model \w+: )?(.+)")
_LEVELS = {2: logging.DEBUG, 3: logging.INFO, _ERROR: logging.WARNING}


@functools.cache
def llama_log() -> LlamaLog:
    """Return the only receiver of this process; the library has one pointer for it."""
    return LlamaLog()


class LlamaLog:
    """Receives every message of the library; must live as long as the library may log.

    Attributes:
        last_error: the last line of severity "error", for a message to the user.
    """

    def __init__(self) -> None:
        self.last_error = "unknown reason"
        self._lines: list[str] | None = None
        self._callback = llama_cpp.llama_log_callback(self._receive)
        llama_cpp.llama_log_set(self._callback, ctypes.c_void_p())

    @contextlib.contextmanager
    def recorded(self) -> Iterator[list[str]]:
        """Yield a list of the lines that the library logs in the body."""
        lines: list[str] = []
        self._lines = lines
        try:
            yield lines
        finally:
            self._lines = None

    def _receive(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        if not line or level == _CONTINUED:
            return
        if self._lines is not None:
            self._lines.append(line)
        if level == _ERROR and not line.endswith(_NO_REASON):
            reason = _REASON.search(line)
            self.last_error = reason[1] if reason else line.rpartition(": ")[2]
        logger.log(_LEVELS.get(level, logging.DEBUG), "%s", line)
