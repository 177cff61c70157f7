"""How another thread stops a running computation."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp


class AbortFlag:
    """One byte that llama.cpp looks at between graph nodes; must live as long as the context.

    The callback has the form `bool f(void *)`. A Python function would take the GIL for each node,
    600 times a token for 30 layers: decoding took twice as long beside a busy event loop. libc's
    `strlen` over a flag that is either empty or one byte long answers the same without it.
    """

    def __init__(self, context: Any) -> None:
        self._flag = ctypes.create_string_buffer(b"", 2)
        address = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
        self._callback = llama_cpp.ggml_abort_callback(address)
        llama_cpp.llama_set_abort_callback(context, self._callback, ctypes.addressof(self._flag))

    def set(self) -> None:
        """Stop the running computation; may be called from any thread."""
        self._flag[0] = b"1"

    def clear(self) -> None:
        """Let the next computation run."""
        self._flag[0] = b"\0"
