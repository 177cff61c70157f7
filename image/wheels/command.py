"""`make wheels`: build what is missing, put all of it into one folder, and try it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from image import models, required_programs, target
from image.wheels import llama, lock, pc_wheel, project_wheel, wheel_test
from tools import llama_wheel

MODEL = "smollm2-135m-instruct"


def all_wheels(root: Path, made_for: target.Target) -> list[Path]:
    """Every wheel of the image: our two and the locked ones."""
    locked = lock.ensure(made_for).glob("*.whl")
    if made_for == target.PC:
        found = [pc_wheel.ensure(root), llama_wheel.ensure_wheel(Path(sys.executable)), *locked]
    else:
        required_programs.require(required_programs.WHEELS)
        found = [project_wheel.ensure(root), llama.ensure(), *locked]
    return sorted(found, key=lambda path: path.name)


def collect(root: Path, made_for: target.Target = target.ARM) -> Path:
    """Put all of them into `build/wheels`, and nothing else."""
    folder = root / "build" / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    for wheel in all_wheels(root, made_for):
        shutil.copy2(wheel, folder)
    return folder


def try_out(root: Path) -> None:
    """Print the instructions in our libraries, and what the model says on each processor."""
    model = models.fetched([MODEL]) / MODEL / "model.gguf"
    with wheel_test.installed(all_wheels(root, target.ARM)) as site:
        for name, counts in wheel_test.instructions(site):
            print(f"{name:<50}", *(f"{word} {count}" for word, count in counts.items() if count))
        for processor, board in target.PROCESSORS.items():
            print(board, processor, wheel_test.answer(site, processor, model), flush=True)


def run(root: Path) -> None:
    """Do all of it."""
    folder = collect(root)
    names = sorted(folder.glob("*.whl"))
    total = sum(path.stat().st_size for path in names)
    print(f"{len(names)} wheels, {total / 1e6:.0f} MB in {folder}", flush=True)
    try_out(root)
