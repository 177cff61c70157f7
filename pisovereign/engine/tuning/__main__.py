"""`python -m pisovereign.engine.tuning`: measure, and print one JSON document.

It measures with processes of its own, `meter`. Exit status 3: the model cannot be used, one line on
stderr says why.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import msgspec

from pisovereign.engine.compute_settings import EngineChoice, PinnedSettings, WaitPolicy
from pisovereign.engine.errors import MODEL_UNUSABLE, ModelError
from pisovereign.engine.tuning.process import run
from pisovereign.engine.tuning.search import StageName
from pisovereign.engine.tuning.workload import Workload
from pisovereign.logs import set_up_logging
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import lower_priority


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tuner and return the exit status."""
    began = time.monotonic()
    args = parser().parse_args(argv)
    if args.parent_pid:
        die_with_parent(args.parent_pid)
    if args.niceness:
        lower_priority(args.niceness)
    set_up_logging("error", "text")
    try:
        report = run(args, began)
    except ModelError as error:
        print(f"tuning: {error}", file=sys.stderr)
        return MODEL_UNUSABLE
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(prog="tuning", description="Find the fastest settings.")
    add = result.add_argument
    add("--model-file", type=Path, required=True, help="the chat model, a GGUF file")
    add("--start", type=_choice, required=True, help="choice to start from, as JSON")
    add(
        "--wishes",
        type=_wishes,
        default=PinnedSettings(),
        help="settings that are decided, as JSON",
    )
    add(
        "--wait-policies",
        nargs="+",
        choices=get_args(WaitPolicy),
        default=get_args(WaitPolicy),
        help="ways in which OpenMP's threads may wait, the simplest first",
    )
    add("--converted", type=Path, help="the same weights as q8_0")
    add("--stages", nargs="+", choices=get_args(StageName), default=get_args(StageName))
    add("--sequences", type=int, default=4, help="answers that are written at once")
    add("--context", type=int, default=8192, help="context length in tokens")
    add("--workload", type=_workload, help="size of a sample, as JSON; default: as time allows")
    add("--goal-s", type=float, default=45.0, help="time to measure, if the board is fast enough")
    add("--limit-s", type=float, default=300.0, help="time after which no measurement begins")
    add(
        "--patience-s",
        type=float,
        default=0.0,
        help="of it, to wait for a quiet machine and repeat what was disturbed",
    )
    add("--niceness", type=int, default=0, help="let others compute first; 0: as usual")
    add("--parent-pid", type=int, default=0, help="end when this process does")
    return result


def _choice(text: str) -> EngineChoice:
    return msgspec.json.decode(text, type=EngineChoice)


def _workload(text: str) -> Workload:
    return msgspec.json.decode(text, type=Workload)


def _wishes(text: str) -> PinnedSettings:
    return msgspec.json.decode(text, type=PinnedSettings)


if __name__ == "__main__":
    sys.exit(main())
