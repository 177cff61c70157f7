"""Pulling the plug in each phase of an update.

After each cut the machine starts by itself: with a whole system, with what was acknowledged, and
with a state that tells the truth about which of the two it is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from image.boot import update_files
from image.boot.machine import BROKEN_OFF, Saved
from image.boot.power_cuts import Writer, missing
from image.boot.serial_shell import Probe

if TYPE_CHECKING:
    from image.boot.updates import Trial

PHASE_S, WRITER_S = 1200.0, 20.0
PROGRAM = "/opt/pisovereign/bin/pisovereign-update"
_STATE = "systemctl show --property=ActiveState --value pisovereign{}.service"


class Phase(NamedTuple):
    """When the plug is pulled.

    Attributes:
        name: what is being done then.
        card: which of the cards that are kept it begins with.
        begin: a command of the shell that ends when the phase begins; empty: with the start.
        span_s: how long it takes; the plug is pulled at some moment of that.
    """

    name: str
    card: str
    begin: str
    span_s: float


class Took(NamedTuple):
    """How many seconds each phase takes on this machine when nothing comes between."""

    writing_s: float
    asking_s: float
    starting_s: float
    migrating_s: float
    checking_s: float


def _until(unit: str, states: str) -> str:
    """Return a command of the shell that waits until a unit has one of some states."""
    return f"until {_STATE.format(unit)} | grep -qxE '{states}'; do sleep 0.1; done"


MIGRATING = _until("-migrate", "activating|active|failed")
MIGRATED = _until("-migrate", "active|failed")
# The check is begun early, and waits for the program.
CHECKING = _until("", "active")
# The partition with autoboot.txt is writable for as long as it is written; a slow machine may see
# that only when it is over.
NOTED = "/var/lib/pisovereign/updates/state.json"
OVER = f"grep -q kept {NOTED}"
KEEPING = f"until grep -q ' /boot/config vfat rw' /proc/mounts || {OVER}; do :; done"
KEEPING_S = 0.4
WRITING = "until grep -q '\"writing\"' /run/pisovereign-update/progress.json; do sleep 0.1; done"
_WRITTEN = f"until grep -qE '\"(written|failed)\"' {NOTED}; do sleep 0.1; done"


def phases(took: Took) -> list[Phase]:
    """Return all of them, as long as they take on this machine."""
    return [
        Phase("writing", "before", WRITING, took.writing_s),
        Phase("asking", "written", f"{PROGRAM} try", took.asking_s),
        Phase("starting", "asked", "", took.starting_s),
        Phase("migrating", "asked", MIGRATING, took.migrating_s),
        Phase("checking", "asked", CHECKING, took.checking_s),
        Phase("keeping", "asked", KEEPING, KEEPING_S),
    ]


class Cut(NamedTuple):
    """What one power cut led to.

    Attributes:
        phase: in which it was.
        at_s: how long after the phase began.
        end: which system runs afterwards, and what it says of the update.
        stored: how many memories were acknowledged in that phase.
        problem: what is not as it has to be; usually empty.
        back_s: how long it took from the next start until everybody was served.
    """

    phase: str
    at_s: float
    end: str
    stored: int
    problem: str
    back_s: float


def table(cuts: list[Cut]) -> list[str]:
    """Return a line for each phase and each end, in the order in which they came first."""
    ends: dict[tuple[str, str], list[Cut]] = {}
    for cut in cuts:
        end = "FAILED" if cut.problem else f"{cut.end}, with every memory"
        ends.setdefault((cut.phase, end), []).append(cut)
    phases = list(dict.fromkeys(cut.phase for cut in cuts))
    lines = []
    for (phase, end), found in sorted(ends.items(), key=lambda entry: phases.index(entry[0][0])):
        if found[0].problem:
            lines.append(f"{phase}: {len(found)} × {end}")
            continue
        backs = [cut.back_s for cut in found]
        stored = sum(cut.stored for cut in found)
        meanwhile = f", {stored} of them stored meanwhile" if stored else ""
        took = f"{min(backs):.0f} to {max(backs):.0f} s after the start"
        lines.append(f"{phase}: {len(found)} × {end}{meanwhile}; served {took}")
    return lines


def run(trial: Trial, before: Saved, count: int, seed: int) -> str:
    """Pull the plug in one phase after the other; returns after which cuts something was wrong.

    Args:
        trial: the machine with its updates.
        before: its card before any update.
        count: how many times.
        seed: of the moments.
    """
    cuts: list[Cut] = []
    try:
        _run(trial, before, cuts, count, random.Random(seed))
    finally:
        # Of a run that is ended early too: each cut counts by itself.
        for line in table(cuts):
            trial.say(line)
    wrong = [f"{number}, {cut.phase}" for number, cut in enumerate(cuts, start=1) if cut.problem]
    return f"cut {'; cut '.join(wrong)}" if wrong else ""


def _run(trial: Trial, before: Saved, cuts: list[Cut], count: int, chance: random.Random) -> None:
    cards, took = _prepare(trial, before)
    trial.say(
        ", ".join(f"{name.removesuffix('_s')} {s:.1f} s" for name, s in took._asdict().items())
    )
    found = phases(took)
    repeated: set[tuple[str, str]] = set()
    for number in range(1, count + 1):
        phase = found[(number - 1) % len(found)]
        trial.machine.restore(cards[phase.card])
        cut = _cut(trial, phase, chance.uniform(0.0, phase.span_s))
        if not cut.problem and cut.end.startswith("a") and (phase.name, cut.end) not in repeated:
            # Once for each end: the same update has to work after it.
            repeated.add((phase.name, cut.end))
            said = _again(trial)
            cut = cut._replace(problem=f"the update does not work any more: {said}" if said else "")
        trial.machine.kill()
        cuts.append(cut)
        meanwhile = f", {cut.stored} memories stored meanwhile" if cut.stored else ""
        said = f"{cut.problem or cut.end}{meanwhile}, served after {cut.back_s:.0f} s"
        trial.say(f"cut {number}, {cut.at_s:.1f} s into {phase.name}: {said}")
        if cut.problem:
            for line in trial.machine.log_tail():
                trial.say(line)


def _cut(trial: Trial, phase: Phase, at_s: float) -> Cut:
    """Pull the plug in a phase, and start again; returns what came of it."""
    began, end, stored = time.monotonic(), "", 0
    try:
        writer = _to_phase(trial, trial.machine.start(), phase)
        time.sleep(at_s)
        trial.machine.kill()
        began = time.monotonic()
        end, problem = _after(trial)
        back_s = time.monotonic() - began
        if writer:
            writer.join()
            stored = len(writer.acknowledged)
            lost = missing(trial.client, writer.acknowledged)
            problem = problem or (f"gone are {lost}" if lost else "")
    except BROKEN_OFF as error:
        problem, back_s = f"{type(error).__name__}: {error}", time.monotonic() - began
    return Cut(phase.name, at_s, end, stored, problem, back_s)


def _prepare(trial: Trial, before: Saved) -> tuple[dict[str, Saved], Took]:
    """Keep a card for each way to begin, and find out how long each phase takes."""
    machine, cards = trial.machine, {"before": before}
    machine.restore(before)
    probe = trial.started()
    _begin_writing(trial, probe)
    writing_s = _timed(lambda: probe.run(_WRITTEN, PHASE_S))
    trial.say(probe.run("cat /run/said"))
    trial.power_off()
    cards["written"] = machine.save("written")
    trial.started().run(f"{PROGRAM} try")
    asking_s = _timed(lambda: machine.ended(PHASE_S))
    cards["asked"] = machine.save("asked")
    moments = [time.monotonic()]
    probe = machine.start()
    probe.wait(PHASE_S)
    for command in (MIGRATING, MIGRATED, CHECKING, f"until {OVER}; do sleep 0.1; done"):
        probe.run(command, PHASE_S)
        moments.append(time.monotonic())
    machine.kill()
    start, migrating, migrated, checking, over = moments
    # Up to the decisive moment, for which there is a phase of its own.
    checking_s = max(over - checking - KEEPING_S, KEEPING_S)
    took = Took(writing_s, asking_s, migrating - start, migrated - migrating, checking_s)
    return cards, took


def _begin_writing(trial: Trial, probe: Probe) -> None:
    trial.provide(probe)
    # It goes on inside while we wait.
    probe.run(f"({trial.installing(update_files.GOOD)} > /run/said 2>&1 &)")
    probe.run(WRITING, PHASE_S)


def _timed(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def _to_phase(trial: Trial, probe: Probe, phase: Phase) -> Writer | None:
    """Bring it there; returns who stores memories meanwhile, where people can."""
    if not phase.begin:
        return None
    probe.wait(PHASE_S)
    if phase.begin != WRITING:
        probe.run(phase.begin, PHASE_S)
        return None
    trial.ready()
    _begin_writing(trial, probe)
    writer = Writer(trial.client.patient(WRITER_S), "while it is updated", pause_s=1.0)
    writer.start()
    return writer


def _after(trial: Trial) -> tuple[str, str]:
    """Start again; returns which system runs and what it says of the update, and what is wrong."""
    machine = trial.machine
    machine.start()
    trial.machine.shell().wait(PHASE_S)
    trial.ready()
    found = trial.status()
    kept = found.stage == "kept"
    if kept != (found.slot == "b") or found.stage not in {
        *("none", "failed", "written", "rolled_back", "kept"),
    }:
        return "", found.told
    if not trial.remembers():
        return "", "what was acknowledged is gone"
    return f"{found.slot} runs, {found.stage}", ""


def _again(trial: Trial) -> str:
    """Do the whole update once more; returns what is wrong, or ""."""
    said = trial.install(update_files.GOOD)
    if trial.status().stage != "written":
        return said
    trial.try_it()
    trial.machine.start()
    trial.machine.shell().wait(PHASE_S)
    trial.ready()
    return trial.problem("b", "kept")
