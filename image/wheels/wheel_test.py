"""Real tokens on emulated processors: that the wheels work, and which kernels they choose.

Emulation says nothing about speed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from image import build_cache, target
from tools import native_arm

TOKENS = 12
LIMIT_S = 600
# Runs inside; prints what was loaded, and what the model answers.
PROGRAM = """
import json, sys
from pathlib import Path
from pisovereign.engine.llama_library import load_backends
from pisovereign_native.vectors import kernels
import llama_cpp
variant = load_backends()
llama = llama_cpp.Llama(sys.argv[1], n_ctx=256, n_threads=1, verbose=False)
prompt = "<|im_start|>user\\nWhat is the capital of France?<|im_end|>\\n<|im_start|>assistant\\n"
tokens = llama.tokenize(prompt.encode(), add_bos=False, special=True)
answer = []
for token in llama.generate(tokens, temp=0.0):
    if len(answer) == int(sys.argv[2]) or token == llama.token_eos():
        break
    answer.append(token)
text = llama.detokenize(answer).decode()
print(json.dumps({"variant": variant, "native": kernels()[0], "tokens": len(answer), "text": text}))
"""


@contextmanager
def installed(wheels: list[Path]) -> Iterator[Path]:
    """Yield a folder into which wheels are unpacked for as long as it is needed."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        chosen = [*target.ARM.pip_options(), f"--target={name}", *map(str, wheels)]
        subprocess.run([*command, *chosen], check=True)
        yield Path(name)


def answer(site: Path, processor: str, model: Path) -> str:
    """Return what a model says on an emulated processor, with what was loaded for it, as JSON."""
    debian = build_cache.cache_folder() / "arm64" / "debian"
    environment = {
        "PATH": os.environ["PATH"],
        "QEMU_LD_PREFIX": str(debian),
        "QEMU_CPU": processor,
        "PYTHONPATH": str(site),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    python = ["qemu-aarch64", f"{debian}/usr/bin/python{target.PYTHON}"]
    command = [*python, "-c", PROGRAM, str(model), str(TOKENS)]
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=LIMIT_S
    )
    return done.stdout.strip()


def instructions(site: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """How often the instructions of interest are in each of our libraries."""
    for package in ("llama_cpp/lib", "pisovereign_native"):
        for library in sorted((site / package).glob("*.so")):
            counts = native_arm.count_instructions(native_arm.disassemble(library))
            yield library.name, counts
