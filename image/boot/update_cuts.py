"""Pulling the plug in each phase of an update.

After each cut the machine starts by itself: with a whole system, with what was acknowledged, and
with a state that tells the truth about which of the two it is.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from image.boot import update_files
from image.boot.machine import Saved
from image.boot.serial_shell import Probe

if TYPE_CHECKING:
    from image.boot.updates import Trial

PHASE_S = 1200.0
PROGRAM = "/opt/pisovereign/bin/pisovereign-update"
_ACTIVE = "systemctl show --property=ActiveState --value pisovereign-{}.service"


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


def phases(writing_s: float) -> list[Phase]:
    """Return all of them, the shortest last."""
    waiting = 'while [ "$({})" != activating ]; do sleep 0.1; done'
    noted = "until grep -q '\"writing\"' /run/pisovereign-update/progress.json; do sleep 0.1; done"
    # The partition with autoboot.txt is writable for as long as it is written; a slow machine may
    # see that only when it is over.
    over = "grep -q kept /var/lib/pisovereign/updates/state.json"
    keeping = f"until grep -q ' /boot/config vfat rw' /proc/mounts || {over}; do :; done"
    return [
        Phase("writing", "before", noted, writing_s),
        Phase("asking", "written", f"{PROGRAM} try", 4.0),
        Phase("starting", "asked", "", 60.0),
        Phase("migrating", "asked", waiting.format(_ACTIVE.format("migrate")), 8.0),
        Phase("checking", "asked", waiting.format(_ACTIVE.format("update-confirm")), 25.0),
        Phase("keeping", "asked", keeping, 0.4),
    ]


def run(trial: Trial, count: int, seed: int = 20) -> str:
    """Pull the plug in one phase after the other; returns what was wrong after one, or ""."""
    chance = random.Random(seed)
    cards, writing_s = _prepare(trial)
    ends: Counter[str] = Counter()
    found = phases(writing_s)
    for number in range(1, count + 1):
        phase = found[(number - 1) % len(found)]
        trial.machine.restore(cards[phase.card])
        probe = trial.machine.start()
        try:
            _to_phase(trial, probe, phase)
            later = chance.uniform(0.0, phase.span_s)
            time.sleep(later)
            trial.machine.kill()
            end, problem = _after(trial)
        except (TimeoutError, OSError, RuntimeError) as error:
            end, problem = "", f"{type(error).__name__}: {error}"
        if problem:
            return f"cut {number}, {phase.name}: {problem}"
        trial.say(f"cut {number}, {later:.1f} s into {phase.name}: {end}")
        ends[f"{phase.name}: {end}"] += 1
        if ends[f"{phase.name}: {end}"] == 1 and end.startswith("a") and (said := _again(trial)):
            return f"after cut {number}, {phase.name}, the update does not work: {said}"
        trial.machine.kill()
    for end, times in sorted(ends.items()):
        trial.say(f"{times:4d} × {end}")
    return ""


def _prepare(trial: Trial) -> tuple[dict[str, Saved], float]:
    """Keep a card before the update, and one that is asked to try it; and how long writing took."""
    machine = trial.machine
    cards = {"before": machine.save("before-cuts")}
    trial.started()
    began = time.monotonic()
    trial.say(trial.install(update_files.GOOD))
    took = time.monotonic() - began
    trial.power_off()
    cards["written"] = machine.save("written")
    trial.started()
    trial.try_it()
    cards["asked"] = machine.save("asked")
    return cards, took


def _to_phase(trial: Trial, probe: Probe, phase: Phase) -> None:
    if not phase.begin:
        return
    probe.wait(PHASE_S)
    if phase.card == "before":
        trial.ready()
        trial.provide(probe)
        # It goes on inside while we wait to pull the plug.
        probe.run(f"({trial.installing(update_files.GOOD)} > /run/said 2>&1 &)")
    probe.run(phase.begin, PHASE_S)


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
