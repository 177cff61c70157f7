"""How many sequences fit into the available memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pisovereign.engine.errors import ModelError

MIB = 1024 * 1024
# Tokens: system prompt, a few turns and an answer; below that it is no assistant any more.
SHORTEST = 1024
# Code, vocabulary, event loop and embedding model.
_PROGRAM = 160 * MIB
# Left to everything else on the machine.
_SHARE = 0.9
# Left besides before there are more sequences than wished for: the database and the API grow, and a
# switch of the model goes on without a pause only if the other one fits beside this one.
_SPARE = 2048 * MIB


class MemoryNeed(NamedTuple):
    """Bytes that a model takes.

    Attributes:
        weights: the model file; it is mapped, but slow unless all of it stays in memory.
        compute: intermediate results of one step.
        sequence: keys and values of one sequence of full length.
    """

    weights: int
    compute: int
    sequence: int


class MemoryPlan(NamedTuple):
    """A plan of the memory: the sequences that fit, and bytes for cached ones."""

    sequences: int
    cache_bytes: int


def shortened(length: int, need: Callable[[int], MemoryNeed], available: int) -> int:
    """Return the length if one sequence of it fits, else half of it, a quarter and so on.

    Args:
        length: the wish, in tokens.
        need: what the model takes with sequences of a length.
        available: bytes.
    """
    while length > SHORTEST and _free(need(length), available) < need(length).sequence:
        length = max(SHORTEST, length // 2)
    return length


def fit(
    name: str,
    need: MemoryNeed,
    *,
    sequences: int,
    cache_bytes: int,
    available: int,
    more: int = 0,
) -> MemoryPlan:
    """Reduce sequences, then cached bytes, until everything fits into `available` bytes.

    The length of a sequence does not depend on it: a conversation that fits once always does.

    Args:
        name: the model, for the error.
        need: what it takes.
        sequences: the wish.
        cache_bytes: for cached sequences, the wish.
        available: bytes.
        more: sequences beyond the wish, which take at most half of what is left then, less the
            2 GiB that another model may need.

    Raises:
        ModelError: not even one sequence fits.
    """
    free = _free(need, available)
    if free < need.sequence:
        missing = _PROGRAM + need.weights + need.compute + need.sequence
        raise ModelError(
            f"{name} needs {missing // MIB} MiB of memory with this context length, and "
            f"{int(available * _SHARE) // MIB} MiB are free for it: set a shorter "
            "engine.context_length or choose a smaller model"
        )
    count = min(sequences, max(1, (free - cache_bytes) // need.sequence))
    cached = min(cache_bytes, free - count * need.sequence)
    left = max(0, free - count * need.sequence - cached - _SPARE)
    return MemoryPlan(count + min(more, left // 2 // need.sequence), cached)


def _free(need: MemoryNeed, available: int) -> int:
    """Return bytes for keys and values."""
    return int(available * _SHARE) - _PROGRAM - need.weights - need.compute


def available_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the bytes that the kernel and the limits of its groups leave to this process."""
    lines = (proc / "meminfo").read_text().splitlines()
    host = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return min([host, *_group_rooms(proc, cgroups)])


def _group_rooms(proc: Path, cgroups: Path) -> list[int]:
    """Return bytes left in each control group (version 2) that this process is in, if limited."""
    try:
        entries = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    own = next((entry[3:] for entry in entries if entry.startswith("0::")), "/")
    folder = cgroups / own.lstrip("/")
    rooms: list[int] = []
    for group in [folder, *folder.parents]:
        if not group.is_relative_to(cgroups):
            break
        try:
            limit = (group / "memory.max").read_text().strip()
            used = int((group / "memory.current").read_text())
            cached = _inactive_file(group)
        except OSError:
            continue
        if limit != "max":
            rooms.append(max(0, int(limit) - used + cached))
    return rooms


def _inactive_file(group: Path) -> int:
    """Return the bytes of file contents in memory that the kernel can drop."""
    for line in (group / "memory.stat").read_text().splitlines():
        name, value = line.split()
        if name == "inactive_file":
            return int(value)
    return 0
