"""`python -m pisovereign.engine.tuning.meter`: measure what is asked for, line by line.

How OpenMP's threads wait is read once by a process, and so are the weights. So each way of waiting
and each form of the weights has a process of its own, and they take turns. Each line of the input
is a `Question`, each line of the output an `Answer`; the first one comes when the model is loaded.
Exit status 3: the model cannot be used, one line on stderr says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import msgspec

from pisovereign.engine.compute_settings import WaitPolicy
from pisovereign.engine.errors import MODEL_UNUSABLE, ModelError
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.logs import set_up_logging
from pisovereign.process.parent_death import die_with_parent


def main(argv: Sequence[str] | None = None) -> int:
    """Answer until the input ends, and return the exit status."""
    args = _parser().parse_args(argv)
    die_with_parent(args.parent_pid)
    set_up_logging("error", "text")
    set_up_openmp(args.wait_policy)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Only now: importing llama.cpp loads OpenMP.
    from pisovereign.engine.tuning.measure import answers  # noqa: PLC0415

    try:
        for answer in answers(args.model_file, args.sequences, sys.stdin.buffer):
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
            sys.stdout.buffer.flush()
    except ModelError as error:
        print(f"tuning: {error}", file=sys.stderr)
        return MODEL_UNUSABLE
    return 0


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="meter", description="Measure what is asked for.")
    add = result.add_argument
    add("--model-file", type=Path, required=True, help="the chat model, a GGUF file")
    add("--wait-policy", choices=get_args(WaitPolicy), required=True, help="OpenMP's threads")
    add("--sequences", type=int, required=True, help="answers that are written at once")
    add("--parent-pid", type=int, required=True, help="end when this process does")
    return result


if __name__ == "__main__":
    sys.exit(main())
