"""What the repetition guard costs, and whether it ends real text.

    python -m bench.repetition

Licenses, the standard library, documents and C headers of this machine are cut into tokens of the
default model and read in pieces as long as answers. Each piece that is ended is a false alarm.
"""

from __future__ import annotations

import argparse
import random
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import llama_cpp
import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from pisovereign.config.loading import models_dir
from pisovereign.engine.repetition import RepetitionGuard

_MODEL = "smollm2-135m-instruct/model.gguf"
_PROJECT = Path(__file__).parent.parent
_PIECE = 1024
_MOST_FILES = 150
_MOST_CHARACTERS = 60_000


class Row(msgspec.Struct, frozen=True):
    """One kind of text: pieces, those that were ended, microseconds a token."""

    pieces: int
    ended: int
    us_per_token: float


class Result(msgspec.Struct, frozen=True):
    """Rows by the kind of text."""

    environment: Environment
    rows: dict[str, Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Read all texts, count and print."""
    parser = argparse.ArgumentParser(
        prog="bench.repetition", description=__doc__.partition("\n")[0]
    )
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    model = llama_cpp.Llama(str(models_dir() / _MODEL), vocab_only=True, verbose=False)
    rows = {kind: read_all(model, files) for kind, files in texts().items()}
    shown = [(k, r.pieces, r.ended, f"{r.us_per_token:.1f}") for k, r in rows.items()]
    publish(
        Result(environment, rows),
        table(("text", "pieces", "ended", "us a token"), shown),
        args.output,
    )
    return 0


def texts() -> dict[str, list[Path]]:
    """Return files by the kind of text."""
    draw = random.Random(3)
    library, headers = (Path(sysconfig.get_paths()[name]) for name in ("stdlib", "include"))
    kinds = {
        "licenses": Path("/usr/share/common-licenses").glob("*"),
        "standard library": library.glob("**/*.py"),
        "documents": (*_PROJECT.glob("**/*.md"), *library.glob("site-packages/**/*.rst")),
        "tables of numbers": library.glob("**/*.txt"),
        "C headers": headers.glob("**/*.h"),
    }
    found = {
        kind: sorted(path for path in paths if path.is_file()) for kind, paths in kinds.items()
    }
    return {kind: draw.sample(files, min(_MOST_FILES, len(files))) for kind, files in found.items()}


def read_all(model: llama_cpp.Llama, files: Sequence[Path]) -> Row:
    """Read files as if they were answers."""
    pieces = ended = tokens = 0
    seconds = 0.0
    for piece in _pieces(model, files):
        guard = RepetitionGuard()
        started = time.perf_counter()
        for token in piece:
            guard.push(token)
            tokens += 1
            if guard.looped:
                break
        seconds += time.perf_counter() - started
        pieces += 1
        ended += guard.looped
    return Row(pieces, ended, seconds / max(1, tokens) * 1e6)


def _pieces(model: llama_cpp.Llama, files: Sequence[Path]) -> Iterator[list[str]]:
    known: dict[int, str] = {}
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")[:_MOST_CHARACTERS]
        tokens = model.tokenize(text.encode(), add_bos=False, special=False)
        for token in set(tokens) - set(known):
            known[token] = model.detokenize([token]).decode("utf-8", "replace")
        for start in range(0, len(tokens), _PIECE):
            yield [known[token] for token in tokens[start : start + _PIECE]]


if __name__ == "__main__":
    sys.exit(main())
