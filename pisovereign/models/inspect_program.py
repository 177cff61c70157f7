"""A program that reads the beginning of a model file in a process of its own, under limits.

It writes one line of JSON: a `Description`, what is wrong, or that more bytes are needed. Whatever
hostile bytes do to it, they do to a process that has no key, no socket and nothing to write.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import sys
from pathlib import Path

import msgspec

from pisovereign.engine.compute_settings import default_choice
from pisovereign.engine.errors import ModelError
from pisovereign.engine.memory_need import memory_probe
from pisovereign.engine.template_check import template_warning
from pisovereign.models.gguf.description import Description, Need, describe
from pisovereign.models.gguf.header import BrokenGguf, MoreNeeded, read_header
from pisovereign.models.inspection_types import Finding

_CPU_S = 120
_MEMORY = 4 * 1024**3  # of addresses; it uses a few hundred MB of them


def inspect(path: Path, size: int, contexts: list[int], hollow: Path | None) -> Finding:
    """Describe the model that begins with the bytes of a file.

    Args:
        path: the file, or the beginning of it.
        size: bytes of the whole file.
        contexts: tokens of the conversations that memory is told for.
        hollow: where a file may be made for a moment that has the beginning, and a hole for the
            rest; None: the file is said to be whole.
    """
    present = path.stat().st_size
    if present != size and hollow is None:
        return Finding(problem="it changes while it is read")
    try:
        with path.open("rb") as file:
            header = read_header(file, present, size)
        description = describe(header, size)
        if hollow is None or present == size:
            description = _ask_llama(path, description, contexts)
        else:
            try:
                _make_hollow(path, hollow, header.data_start, size)
                description = _ask_llama(hollow, description, contexts)
            finally:
                hollow.unlink(missing_ok=True)
    except MoreNeeded:
        return Finding(more=True)
    except BrokenGguf as error:
        return Finding(problem=str(error))
    except ModelError as error:
        return Finding(problem=f"it cannot be used: {_reason(error, path, hollow or path)}")
    except OSError as error:
        return Finding(problem=f"it cannot be read: {error.strerror}")
    return Finding(description=description)


def _reason(error: ModelError, *paths: Path) -> str:
    """Return what is wrong without the name that a file has for a moment."""
    text = str(error)
    for path in paths:
        text = text.removeprefix(f"cannot load the model file {path}: ")
    return text


def _make_hollow(path: Path, hollow: Path, start: int, size: int) -> None:
    with path.open("rb") as source, hollow.open("wb") as out:
        shutil.copyfileobj(source, out)
        out.truncate(start)
        out.truncate(size)


def _ask_llama(path: Path, description: Description, contexts: list[int]) -> Description:
    """Return the description with what only llama.cpp and the engine can tell."""
    settings = default_choice().settings
    lengths = sorted({min(length, description.context_length) for length in contexts}, reverse=True)
    needs = []
    with memory_probe(path) as probe:
        warning = template_warning(probe.handle)
        for length in lengths:
            need = probe.need(length, 1, settings)
            needs.append(
                Need(
                    context=length,
                    weights=need.weights,
                    compute=need.compute,
                    conversation=need.sequence,
                )
            )
    return msgspec.structs.replace(description, needs=tuple(needs), template_warning=warning)


def main() -> None:
    """Inspect the file that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--context", type=int, action="append", required=True)
    parser.add_argument("--hollow", type=Path)
    args = parser.parse_args()
    # Who may not set them (ValueError) has tighter ones already.
    with contextlib.suppress(PermissionError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    finding = inspect(args.path, args.size, args.context, args.hollow)
    sys.stdout.buffer.write(msgspec.json.encode(finding))
    sys.stdout.flush()
    # Libraries have nothing to put down, and what they do at the end may not fail.
    os._exit(0)


if __name__ == "__main__":
    main()
