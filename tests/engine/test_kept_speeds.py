"""What was measured, over a restart."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from pisovereign.engine import kept_speeds
from pisovereign.engine.kept_speeds import KeptSpeeds
from pisovereign.engine.step_times import Step, StepTimes
from tests.engine.support import until
from tests.engine.test_step_times import measured

HERE = {"model": "m", "board": "b"}


def test_what_was_measured_is_known_again(tmp_path: Path) -> None:
    times = measured()
    times.observe_writing(2, 2, 0.02)
    KeptSpeeds(tmp_path, HERE).save(times)
    again = StepTimes()
    assert KeptSpeeds(tmp_path, HERE).recall(again)
    before, after = times.current(), again.current()
    assert before is not None
    assert after is not None
    assert after.read_s(Step(100, 5000)) == pytest.approx(before.read_s(Step(100, 5000)), rel=0.1)
    assert after.token_s(2) == pytest.approx(0.02, rel=0.1)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_is_not_used_for_something_else(tmp_path: Path) -> None:
    KeptSpeeds(tmp_path, HERE).save(measured())
    assert not KeptSpeeds(tmp_path, HERE | {"board": "other"}).recall(StepTimes())


def test_where_nothing_is_known_nothing_is_kept(tmp_path: Path) -> None:
    KeptSpeeds(tmp_path, HERE).save(StepTimes())
    assert not list(tmp_path.iterdir())
    assert not KeptSpeeds(tmp_path, HERE).recall(StepTimes())


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"identity": "x"}'])
def test_a_damaged_file_is_not_used(tmp_path: Path, damage: bytes) -> None:
    kept = KeptSpeeds(tmp_path, HERE)
    kept.save(measured())
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    times = StepTimes()
    assert not kept.recall(times)
    assert times.current() is None


def test_figures_that_cannot_be_are_not_used() -> None:
    kept = measured().measured()
    assert kept is not None
    for sums in ((), (-1.0,) * 9, (float("inf"),) * 9):
        assert not StepTimes().recall(kept._replace(sums=sums))


def test_it_is_kept_while_the_engine_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_speeds, "_LOOK_S", 0.01)
    times = measured()

    async def go() -> None:
        task = asyncio.create_task(KeptSpeeds(tmp_path, HERE).go_on(times))
        for _ in range(20):
            times.observe_reading(Step(10, 50), 0.05)

        async def kept() -> bool:
            return KeptSpeeds(tmp_path, HERE).recall(StepTimes())

        await until(kept)
        task.cancel()

    asyncio.run(go())
    assert KeptSpeeds(tmp_path, HERE).recall(StepTimes())
