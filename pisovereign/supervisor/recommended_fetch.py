"""A program that fetches the recommended model with what nobody else needs of disk and processor.

It prints `FetchProgress` as lines of JSON. Ended at any moment, the next run goes on where this one
was. Started by `pisovereign serve`, and ends with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil

from pisovereign.engine_client.switching import FetchProgress
from pisovereign.models.device import Device, device_memory, memory_bandwidth
from pisovereign.models.errors import ModelError, NotEnoughSpace
from pisovereign.models.manifest import Model
from pisovereign.models.progress import Step
from pisovereign.models.pull import ensure
from pisovereign.models.recommendation import recommend
from pisovereign.models.store import ModelStore, State
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import lower_priority

# Left free on the disk, for all that people store.
LEFT_BYTES = 1 << 30
_BUS_S = 5.0
_PAUSE_S = 1.0
# `Metered` of NetworkManager: 1 yes, 3 probably.
_METERED = frozenset({"u 1", "u 3"})


def main() -> int:
    """Fetch the model that is recommended for this device, if there is a better one than in use."""
    parser = argparse.ArgumentParser(prog="recommended-fetch")
    parser.add_argument("--root", type=Path, required=True, help="the models folder")
    parser.add_argument("--used", required=True, help="the model in use")
    parser.add_argument("--parent-pid", type=int, required=True)
    args = parser.parse_args()
    die_with_parent(args.parent_pid)
    lower_priority(19)
    with contextlib.suppress(OSError):  # some containers forbid it
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
    store = ModelStore(args.root)
    model = recommend(store.manifest.models, Device(device_memory(), memory_bandwidth()))
    if model is None or model.id == args.used:
        return 0
    try:
        _fetch(store, model)
    except (ModelError, OSError) as error:
        why = str(error) if isinstance(error, ModelError) else error.strerror or "I/O error"
        _tell(FetchProgress(model.id, "failed", error=why))
    return 0


def _fetch(store: ModelStore, model: Model) -> None:
    if store.state(model) is not State.VERIFIED:
        if is_metered():
            raise ModelError("the connection is metered")
        # What an earlier run has fetched is on the disk already.
        held = sum(part.stat().st_size for part in store.home(model).glob("*.part"))
        if shutil.disk_usage(store.root).free < model.size - held + LEFT_BYTES:
            raise NotEnoughSpace(f"it takes {model.size // 10**6} MB of the disk")
        _tell(FetchProgress(model.id, "fetching", 0, model.size))
        asyncio.run(ensure(store, [model.id], _Reporter(model)))
    _tell(FetchProgress(model.id, "proving", model.size, model.size))


class _Reporter:
    """Tells how far the fetch is, once a second."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._not_before = 0.0

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.action == "fetching" and step.total and now >= self._not_before:
            self._not_before = now + _PAUSE_S
            _tell(FetchProgress(self._model.id, "fetching", step.done, step.total))


def is_metered(program: str = "busctl") -> bool:
    """Return whether NetworkManager says that data costs money; where nobody says so, it is not."""
    name = "org.freedesktop.NetworkManager"
    path = "/org/freedesktop/NetworkManager"
    try:
        done = subprocess.run(
            [program, "--system", "get-property", name, path, name, "Metered"],
            capture_output=True,
            text=True,
            timeout=_BUS_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() in _METERED


def _tell(progress: FetchProgress) -> None:
    sys.stdout.write(msgspec.json.encode(progress).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
