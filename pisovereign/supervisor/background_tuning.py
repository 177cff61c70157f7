"""`python -m pisovereign.supervisor.background_tuning`: measure a model and keep the result.

Started while nobody asks the engine, and ended at once when somebody does. Exit status 1: there is
no result, one line on stderr says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pisovereign.errors import StartError
from pisovereign.logs import set_up_logging
from pisovereign.models.store import ModelStore
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import MOST_EXPENDABLE, lower_priority, set_kill_order
from pisovereign.supervisor.engine_command import EngineOptions
from pisovereign.supervisor.tuning import Tuner, TuningFailed

# The first moments of an answer, until this process is ended, belong to the engine.
_NICENESS = 19


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and return the exit status."""
    args = _parser().parse_args(argv)
    die_with_parent(args.parent_pid)
    lower_priority(_NICENESS)
    set_kill_order(os.getpid(), MOST_EXPENDABLE)
    set_up_logging("error", "text")
    try:
        tuner = Tuner(
            args.options.config(), args.data_dir, ModelStore(args.models), niceness=_NICENESS
        )
        tuner.tune_and_keep()
    except (TuningFailed, StartError) as error:
        print(f"tuning: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="background_tuning", description="Find settings.")
    add = result.add_argument
    add("--options", type=_options, required=True, help="what is configured, as JSON")
    add("--models", type=Path, required=True, help="the folder of the models")
    add("--data-dir", type=Path, required=True, help="where the result is kept")
    add("--parent-pid", type=int, required=True, help="end when this process does")
    return result


def _options(text: str) -> EngineOptions:
    return msgspec.json.decode(text, type=EngineOptions)


if __name__ == "__main__":
    sys.exit(main())
