"""Asking a process of its own what a model file is."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pisovereign.models.errors import UnusableModel
from pisovereign.models.gguf.description import Description
from pisovereign.models.inspection_types import Finding

_LIMIT_S = 180.0  # it takes a second on a PC
# It gets nothing else of the environment, which may hold keys.
_KEPT = ("PATH", "LANG", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_CONFIG")


async def inspect(
    path: Path, size: int, contexts: Sequence[int], *, hollow: Path | None = None
) -> Description | None:
    """Return what a model file says about itself; None: more of its beginning is needed.

    Args:
        path: the file, or the beginning of it; only read.
        size: bytes of the whole file.
        contexts: tokens of the conversations that memory is told for.
        hollow: where a file may be made for a moment that has the beginning, and a hole for the
            rest; None: the file is said to be whole.

    Raises:
        UnusableModel: it is broken, or of a kind that nobody here can use.
    """
    module = "pisovereign.models.inspect_program"
    argv = [sys.executable, "-m", module, f"--size={size}"]
    argv += [f"--context={length}" for length in contexts]
    argv += [f"--hollow={hollow}"] if hollow else []
    argv += ["--", str(path)]  # whatever its name begins with
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment
    )
    try:
        answer, _ = await asyncio.wait_for(process.communicate(), _LIMIT_S)
    except TimeoutError:
        raise UnusableModel("it could not be read in time") from None
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode != 0:
        raise UnusableModel("what reads it failed: it is broken, or asks for too much memory")
    finding = msgspec.json.decode(answer, type=Finding)
    if finding.problem:
        raise UnusableModel(finding.problem)
    return None if finding.more else finding.description
