"""Loading the kernels that fit this processor, where llama.cpp was built for several.

On a machine that compiled it for itself there is one set, which is linked; nothing is to be done.
The Raspberry Pi image has a library for each kind of processor, and ggml chooses among them.
"""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import llama_cpp

_FOLDER = Path(llama_cpp.__file__).with_name("lib")


@functools.cache
def load_backends() -> str:
    """Load them once, before the first model; returns the chosen library, empty if it is linked."""
    if not any(_FOLDER.glob("libggml-cpu-*.so")):
        return ""
    library = ctypes.CDLL(str(_FOLDER / "libggml.so"))
    load = library.ggml_backend_load_all_from_path
    load.argtypes, load.restype = [ctypes.c_char_p], None
    load(str(_FOLDER).encode())
    loaded = Path("/proc/self/maps").read_text(encoding="utf-8")
    chosen = (path.stem for path in _FOLDER.glob("libggml-cpu-*.so") if str(path) in loaded)
    return next(chosen, "")
