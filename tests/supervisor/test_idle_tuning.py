"""When the engine is measured in the background, and what becomes of the result."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from pisovereign.config import Config, EngineConfig
from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine_client.switching import EngineState
from pisovereign.files import private_folder
from pisovereign.models.errors import UnknownModel
from pisovereign.models.store import ModelStore
from pisovereign.supervisor.engine_command import engine_options
from pisovereign.supervisor.engine_keeper import EngineKeeper
from pisovereign.supervisor.engine_launcher import EngineLauncher
from pisovereign.supervisor.idle_tuning import IdleTuning
from pisovereign.supervisor.idle_watch import Idle, IdleWatch
from pisovereign.supervisor.tuning import Tuner
from pisovereign.supervisor.tuning_results import AGAIN_S, TuningResult, TuningResults
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

SMALL = "smollm2-135m-instruct"
AFTER_S = 120.0
FASTER = EngineChoice(
    settings=ComputeSettings(threads=1, batch_threads=1, flash_attention=True),
    wait_policy="passive",
)


class Launcher(EngineLauncher):
    """Starts a program that only waits in place of the tuner."""

    script = "import time; time.sleep(600)"
    fits = True

    def fits_beside(self, model: str, available: int | None = None) -> bool:
        return self.fits

    def fits_whole(self, model: str, serving: int) -> bool:
        return self.fits

    def background_argv(self, model: str) -> list[str]:
        return [sys.executable, "-c", self.script]


class Keeper(EngineKeeper):
    """Serves, and notes which settings are to be used."""

    renewed: list[EngineChoice]
    serves = True
    exchanges = False
    pid = 1
    state = EngineState(SMALL, SMALL, [], None)

    def __init__(self, launcher: EngineLauncher) -> None:
        self.renewed = []
        self.launcher = launcher

    def renew(self, choice: EngineChoice) -> bool:
        self.renewed.append(choice)
        self.launcher.adopt(SMALL, choice)
        return True


class Watch(IdleWatch):
    """Tells what a test says."""

    idle = Idle(0.0, 0.0)

    def see(self, pid: int) -> Idle:
        return self.idle


class Scene:
    """A tuning in the background, with clocks that a test sets."""

    def __init__(self, models: Path, folder: Path) -> None:
        options = engine_options(Config(engine=EngineConfig()))
        self.launcher = Launcher(
            options,
            models=models,
            data_dir=folder,
            state_dir=private_folder(folder / "engine"),
            socket=folder / "engine.sock",
        )
        self.keeper, self.watch, self.clock = Keeper(self.launcher), Watch(), 0.0
        self.results = TuningResults(folder)
        self.subject = Tuner(Config(), folder, ModelStore(models)).subject
        self.tuning = IdleTuning(
            self.keeper,
            self.launcher,
            after_s=AFTER_S,
            watch=self.watch,
            now=lambda: self.clock,
        )

    def tend(self, unasked_s: float, unloaded_s: float | None = None) -> bool:
        """Tend it a while later, and return whether the tuner runs."""
        self.clock += 10.0
        self.watch.idle = Idle(unasked_s, unasked_s if unloaded_s is None else unloaded_s)
        self.tuning.tend()
        return self.tuning.measures

    def keep(self, choice: EngineChoice, *doubts: str) -> None:
        self.results.save(
            TuningResult(
                subject=self.subject,
                choice=choice,
                weights="file",
                reports=[],
                doubts=list(doubts),
                measured_at=time.time(),
                seconds=1.0,
            )
        )


@pytest.fixture
def scene(models_dir: Path, data_dir: Path) -> Scene:
    return Scene(models_dir, data_dir)


def test_it_waits_until_nobody_asks_and_gives_way_at_once(scene: Scene) -> None:
    assert not scene.tend(AFTER_S - 1)
    assert scene.tend(AFTER_S)
    assert scene.tend(AFTER_S + 10, unloaded_s=0)  # it is the load
    assert not scene.tend(0.0)
    assert not scene.tend(AFTER_S - 1)
    wait_until(lambda: scene.tend(AFTER_S), PATIENCE_S, "the end of the first one")
    scene.tuning.stop()


def test_it_makes_room_for_another_model(scene: Scene) -> None:
    assert scene.tend(AFTER_S)
    scene.keeper.exchanges = True
    assert not scene.tend(AFTER_S + 10)
    assert not scene.tend(AFTER_S + 20)


def test_what_cannot_be_looked_at_ends_nothing_but_the_attempt(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(model: str, available: int | None = None) -> bool:
        raise UnknownModel(f"there is no model {model}")

    with monkeypatch.context() as patched:
        patched.setattr(scene.launcher, "fits_beside", gone)
        assert not scene.tend(AFTER_S)
    assert not scene.tend(AFTER_S)
    scene.clock += AGAIN_S
    assert scene.tend(AFTER_S)
    scene.tuning.stop()


def test_what_was_found_for_a_model_that_was_switched_to_is_used(scene: Scene) -> None:
    scene.launcher.argv(SMALL)  # started with the defaults, and settled by nobody
    scene.launcher.script = "pass"
    assert scene.tend(AFTER_S)
    scene.keep(FASTER)
    wait_until(lambda: not scene.tend(AFTER_S), PATIENCE_S, "its end")
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == [FASTER]


def test_what_does_not_work_is_measured_again_later(scene: Scene) -> None:
    scene.launcher.argv(SMALL)
    scene.keep(FASTER)
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == [FASTER]
    scene.launcher.withdraw(SMALL)  # as the keeper does
    assert not scene.tend(1e6)
    assert not scene.tend(1e6)
    scene.clock += AGAIN_S
    assert scene.tend(1e6)
    scene.tuning.stop()


def test_it_waits_until_memory_takes_as_many_answers_as_before(scene: Scene) -> None:
    scene.launcher.argv(SMALL)
    scene.keep(FASTER)
    scene.launcher.fits = False
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == []
    scene.launcher.fits = True
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == [FASTER]


def test_doubtful_results_are_measured_again_ever_more_rarely(scene: Scene) -> None:
    scene.launcher.settle(SMALL)
    scene.launcher.script = "pass"
    assert scene.tend(AFTER_S)
    scene.keep(scene.launcher.in_use(SMALL), "others computed")
    wait_until(lambda: not scene.tend(AFTER_S), PATIENCE_S, "its end")
    scene.tend(1.0)  # it is in use already
    scene.clock += AGAIN_S
    assert scene.tend(1e6)
    scene.keep(scene.launcher.in_use(SMALL), "others computed")
    wait_until(lambda: not scene.tend(AFTER_S), PATIENCE_S, "its end")
    scene.tend(1.0)  # it is in use already
    scene.clock += AGAIN_S
    assert not scene.tend(1e6)
    scene.clock += 3 * AGAIN_S
    assert scene.tend(1e6)
    scene.tuning.stop()


def test_it_waits_for_a_quiet_machine_but_not_for_ever(scene: Scene) -> None:
    assert not scene.tend(AFTER_S, unloaded_s=5)
    assert not scene.tend(AFTER_S + 600, unloaded_s=5)
    assert scene.tend(AFTER_S + 1000, unloaded_s=5)
    scene.tuning.stop()


def test_it_waits_for_memory(scene: Scene) -> None:
    scene.launcher.fits = False
    assert not scene.tend(10 * AFTER_S)
    scene.launcher.fits = True
    assert scene.tend(10 * AFTER_S)
    scene.tuning.stop()


def ended(scene: Scene) -> None:
    """Wait until the tuner has ended and its result is looked at."""
    assert scene.tend(AFTER_S)
    wait_until(lambda: not scene.tend(AFTER_S + 1), PATIENCE_S, "its end")


def test_what_was_found_is_used_between_two_questions(scene: Scene) -> None:
    scene.launcher.settle(SMALL)
    scene.launcher.script = "pass"
    assert scene.tend(AFTER_S)
    scene.keep(FASTER)
    wait_until(lambda: not scene.tend(AFTER_S), PATIENCE_S, "its end")
    scene.tend(1.0)
    assert scene.keeper.renewed == []
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == [FASTER]
    # Then there is nothing to do any more.
    assert not scene.tend(1e6)
    assert scene.keeper.renewed == [FASTER]


def test_what_is_in_use_already_stays(scene: Scene) -> None:
    scene.launcher.settle(SMALL)
    scene.launcher.script = "pass"
    assert scene.tend(AFTER_S)
    scene.keep(scene.launcher.in_use(SMALL))
    wait_until(lambda: not scene.tend(AFTER_S), PATIENCE_S, "its end")
    scene.tend(AFTER_S)
    assert scene.keeper.renewed == []


def test_a_sure_result_is_not_measured_again(scene: Scene) -> None:
    scene.keep(scene.launcher.in_use(SMALL))
    scene.clock = 1e9
    assert not scene.tend(1e6)


def test_a_doubtful_result_is_measured_again_after_an_hour(scene: Scene) -> None:
    scene.keep(scene.launcher.in_use(SMALL), "others computed")
    assert not scene.tend(1e6)
    scene.clock = AGAIN_S + 1
    # There is a result: a better one is not found on a busy machine.
    assert not scene.tend(1e6, unloaded_s=0)
    assert scene.tend(1e6)
    scene.tuning.stop()


def test_without_a_result_it_is_tried_again_after_an_hour(scene: Scene) -> None:
    scene.launcher.script = "raise SystemExit(1)"
    ended(scene)
    assert scene.keeper.renewed == []
    assert not scene.tend(1e6)
    scene.clock += AGAIN_S
    assert scene.tend(1e6)
    scene.tuning.stop()
