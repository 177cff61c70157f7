"""Opening a model file with llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import llama_cpp

from pisovereign.engine.backends import load_backends
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama_log import llama_log


def load(path: Path, *, weights: bool) -> Any:
    """llama.cpp's handle of the model, to be freed by the caller.

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
    handle = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not handle:
        raise ModelError(f"cannot load the model file {path}: {log.last_error}")
    return handle
