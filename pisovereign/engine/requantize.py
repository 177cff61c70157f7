"""`python -m pisovereign.engine.requantize SOURCE TARGET PARENT_PID`: the same weights in Q8_0.

llama.cpp has matrix kernels for some formats only. A prompt is read about twice as fast when
weights in another format are converted to Q8_0, which keeps more bits than they have, so that
nothing is lost: from SmolLM2's Q4_1 the perplexity of a text went from 17.75 to 17.76. In Q4_0,
which is faster still, it went to 22.1. More bytes have to be read for each token, so on a board
with slow memory the file as it is may be faster: the tuner measures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import llama_cpp

from pisovereign.engine.llama_library import llama_log, load_backends
from pisovereign.process.parent_death import die_with_parent


def requantize(source: Path, target: Path, threads: int) -> None:
    """Write `target`, a GGUF file, from `source`, another one.

    Takes memory for the largest tensor in float32 (0.1 GB for SmolLM2) and a few seconds.

    Raises:
        ValueError: llama.cpp cannot; the text says why.
    """
    log = llama_log()
    load_backends()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    params.allow_requantize = True
    params.nthread = threads
    code = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), params)
    if code != 0:
        raise ValueError(log.last_error or f"llama.cpp returned {code}")


def main() -> int:
    """Convert; exit status 1 with one line on stderr if that failed."""
    *files, parent_pid = sys.argv[1:]
    die_with_parent(int(parent_pid))
    source, target = map(Path, files)
    try:
        requantize(source, target, 1)
    except ValueError as error:
        print(f"requantize: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
