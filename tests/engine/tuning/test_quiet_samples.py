from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.tuning.disturbance import Moment
from pisovereign.engine.tuning.quiet_samples import QuietSamples
from pisovereign.engine.tuning.trials import Sample
from pisovereign.engine.tuning.workload import PARTS, Part

CHOICE = EngineChoice(settings=ComputeSettings(threads=1, batch_threads=1), wait_policy="passive")


@dataclasses.dataclass
class Machine:
    """Others compute until a moment; a sample takes a second."""

    busy_until: float
    clock: float = 0.0
    busy: float = 0.0
    samples: int = 0

    def pass_time(self, seconds: float) -> None:
        self.busy += max(0.0, min(seconds, self.busy_until - self.clock))
        self.clock += seconds

    def look(self) -> Moment:
        return Moment(self.clock, self.busy, 0.0, 0.0)

    def measure(self, _choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        self.samples += 1
        others = float(self.clock < self.busy_until)
        self.pass_time(1.0)
        return Sample(dict.fromkeys(parts, 1.0 + others), others)

    def patient(self, patience_s: float) -> QuietSamples:
        return QuietSamples(self.measure, patience_s, look=self.look, sleep=self.pass_time)


def test_on_a_quiet_machine_once_is_enough() -> None:
    machine = Machine(busy_until=0)
    assert machine.patient(60)(CHOICE, PARTS).others == 0
    assert machine.samples == 1


def test_what_was_disturbed_is_measured_again_when_it_is_quiet() -> None:
    machine = Machine(busy_until=20)
    assert machine.patient(60)(CHOICE, PARTS).timings["reading"] == 1.0
    assert machine.samples == 2


def test_patience_ends() -> None:
    machine = Machine(busy_until=1e9)
    patient = machine.patient(30)
    assert patient(CHOICE, PARTS).others == 1
    assert machine.clock < 40
    began = machine.samples
    patient(CHOICE, PARTS)
    assert machine.samples == began + 1
