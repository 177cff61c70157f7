"""Kernels with which models of an architecture cannot be computed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tiny_models import TINY, write_tiny

# In a process of its own: what is to be prevented ends it.
PROGRAM = """
import sys
from pathlib import Path
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.llama import Context, Entry, Model

settings = ComputeSettings(threads=1, batch_threads=1)
context = Context(Model(Path(sys.argv[1])), length=64, sequences=4, settings=settings)
for seq in range(4):
    context.decode([Entry(seq, 0, [5] * 16, 1)])
print(len(context.decode([Entry(seq, 16, [7], 1) for seq in range(4)])))
"""


@pytest.mark.parametrize("name", TINY)
def test_several_sequences_of_quantized_weights(tmp_path: Path, name: str) -> None:
    """Where the processor has AMX, "lfm2" ended the process: every user's answers were gone."""
    model = write_tiny(tmp_path / "model.gguf", name, quantized=True)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(model)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "4"), done.stderr[-500:]
