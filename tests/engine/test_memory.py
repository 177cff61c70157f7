from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.engine.errors import ModelError
from pisovereign.engine.memory import MIB, MemoryNeed, MemoryPlan, available_memory, fit, shortened

NEED = MemoryNeed(weights=100 * MIB, compute=40 * MIB, sequence=200 * MIB)


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (4000, MemoryPlan(4, 256 * MIB)),
        (1200, MemoryPlan(2, 256 * MIB)),
        (700, MemoryPlan(1, 130 * MIB)),
    ],
)
def test_fewer_sequences_then_less_to_remember(available: int, expected: MemoryPlan) -> None:
    wish = {"sequences": 4, "cache_bytes": 256 * MIB}
    assert fit("m", NEED, available=available * MIB, **wish) == expected


@pytest.mark.parametrize(
    ("available", "sequences"), [(1200, 2), (1900, 4), (3500, 4), (4400, 5), (5000, 6), (9000, 8)]
)
def test_more_sequences_leave_room_for_another_model(available: int, sequences: int) -> None:
    plan = fit("m", NEED, sequences=4, cache_bytes=256 * MIB, available=available * MIB, more=4)
    assert plan == MemoryPlan(sequences, 256 * MIB)


@pytest.mark.parametrize(
    ("available", "expected"), [(1000, 4096), (420, 2048), (300, 1024), (100, 1024)]
)
def test_half_the_length_where_the_whole_does_not_fit(available: int, expected: int) -> None:
    def need(length: int) -> MemoryNeed:
        return MemoryNeed(
            weights=50 * MIB, compute=length * MIB // 100, sequence=length * MIB // 20
        )

    assert shortened(4096, need, available * MIB) == expected


def test_what_cannot_fit_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match=r"^big needs 500 MiB .* 450 MiB .*context_length[^\n]*$"):
        fit("big", NEED, sequences=4, cache_bytes=0, available=500 * MIB)


def group(folder: Path, limit: str, used: int, cached: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(limit + "\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")


def test_the_tightest_limit_counts(tmp_path: Path) -> None:
    proc, cgroups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    assert available_memory(proc, cgroups) == 8000 * 1024, "no groups at all"
    (proc / "self" / "cgroup").write_text("0::/outer/inner\n")
    group(cgroups / "outer", "max", 5, 0)
    group(cgroups / "outer" / "inner", "max", 5, 0)
    assert available_memory(proc, cgroups) == 8000 * 1024
    group(cgroups / "outer", "5000000", 2_000_000, 500_000)
    assert available_memory(proc, cgroups) == 3_500_000


def test_this_machine_has_some() -> None:
    assert available_memory() > 64 * MIB
