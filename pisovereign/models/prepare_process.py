"""Running the preparation in a process of its own, so that its 0.7 GB are freed when it ends."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from pisovereign.models.errors import PreparationFailed

_NEEDED = ("numpy", "onnx", "onnxruntime", "safetensors")
_LIMIT_S = 900.0  # a few seconds on a PC


def check_packages() -> None:
    """Raise PreparationFailed, naming the extra to install, when a library is missing."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise PreparationFailed(
            f"preparing the embedding model needs {', '.join(missing)}; "
            "install with: pip install 'pisovereign[prepare]'"
        )


async def run_preparation(recipe: str, weights: Path, folder: Path) -> None:
    """Make what a recipe says in `folder` from the `weights`; raises PreparationFailed."""
    module = "pisovereign.models.prepare"
    argv = [sys.executable, "-m", module, recipe, str(weights), str(folder)]
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        _, complaint = await asyncio.wait_for(process.communicate(), _LIMIT_S)
    except TimeoutError as error:
        raise PreparationFailed(f"preparation did not end within {_LIMIT_S:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit status {process.returncode}"
        raise PreparationFailed(f"the embedding model could not be prepared: {reason}")
