"""`pisovereign-engine`: the process that runs the models.

Knows no configuration file, no database and no key: everything comes as arguments. It listens only
once the models are loaded. Exit status 3: a model cannot be used, one line on stderr says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pisovereign.engine.compute_settings import add_compute_arguments
from pisovereign.engine.errors import MODEL_UNUSABLE, ModelError
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine.start_report import StartReport
from pisovereign.engine.templates.known import AUTO, TEMPLATES
from pisovereign.errors import StartError
from pisovereign.logs import set_up_logging
from pisovereign.process.core_dumps import forbid_core_dumps
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import lower_priority
from pisovereign.telemetry.recent_log import keep_recent_lines

REFUSED = 1
MOST_PARALLEL = 64
# It takes all cores there are; whoever else wants one comes first.
_NICENESS = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Run the engine and return the exit status."""
    args = parser().parse_args(argv)
    forbid_core_dumps()
    lower_priority(_NICENESS)
    if args.parent_pid:
        die_with_parent(args.parent_pid)
    set_up_logging(args.log_level, args.log_format)
    if args.log_folder is not None:
        keep_recent_lines(args.log_folder, "engine")
    set_up_openmp(args.wait_policy)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Only now: importing llama.cpp loads OpenMP, which reads its settings once.
    from pisovereign.engine.process import run  # noqa: PLC0415

    outcome = StartReport(args.report_fd)
    try:
        run(args, outcome)
    except ModelError as error:
        print(f"pisovereign-engine: {error}", file=sys.stderr)
        outcome.failed(str(error))
        return MODEL_UNUSABLE
    except StartError as error:
        print(f"pisovereign-engine: {error}", file=sys.stderr)
        outcome.failed(str(error))
        return REFUSED
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(prog="pisovereign-engine", description="Run the models.")
    add = result.add_argument
    add("--socket", type=Path, required=True, help="UNIX socket to listen on")
    add("--group-socket", action="store_true", help="let its group connect as well")
    add("--socket-fd", type=int, help="a socket that listens already, instead of making one")
    add("--report-fd", type=int, help="where to write whether clients are served, or why not")
    add("--probe", action="store_true", help="have the model answer before clients are served")
    add("--model-file", type=Path, required=True, help="the chat model, a GGUF file")
    add("--model-id", required=True, help="the name it answers to")
    add(
        "--template",
        default=AUTO,
        choices=(AUTO, *TEMPLATES),
        help="its chat template; auto: the one in its file, if it can be used",
    )
    add("--fallback-template", choices=("", *TEMPLATES), default="", help="tried first otherwise")
    add("--context", type=int, default=0, help="context length in tokens; 0: what fits")
    add("--usual-context", type=int, default=0, help="then at most this; 0: the model's own")
    add("--parallel", type=_parallel, default=4, help="answers that are written at once")
    add("--prompt-lookup", choices=("off", "on"), default="on", help="guess what answers copy")
    add("--more-parallel", type=int, default=0, help="so many more, where memory is plenty")
    add("--cache-bytes", type=int, default=256 << 20, help="for conversations that have no slot")
    add("--queue", type=int, default=16, help="requests that may wait")
    add("--state-dir", type=Path, help="folder of its own, for what it has computed")
    add("--model-identity", default="", help="of the weights; without it nothing is kept there")
    add("--public-prompt", default="", help="sha256 of the system prompt that all users share")
    add(
        "--embedding-dir",
        type=Path,
        action="append",
        default=[],
        help="folder of an embedding model; the first one is what requests without a model get",
    )
    add(
        "--embedding-dimensions",
        type=int,
        action="append",
        default=[],
        help="of the vectors of each embedding model, as configured; none given: as they are",
    )
    add("--embedding-precision", choices=("int8", "fp32"), default="int8")
    add("--log-folder", type=Path, help="where the latest lines of the log are kept too")
    add("--log-format", choices=("text", "json"), default="text")
    add("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    add("--parent-pid", type=int, default=0, help="end when this process does")
    add_compute_arguments(result)
    return result


def _parallel(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MOST_PARALLEL:
        raise ValueError
    return value


if __name__ == "__main__":
    sys.exit(main())
