"""Why a result may be wrong, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pisovereign.engine.tuning.search import Found, Stage, last_final
from pisovereign.engine.tuning.trials import Trial, usable

# Rounds of the same settings that differ by more were not all measured on the same machine.
SPREAD = 0.25
_ROUNDS = 3


def doubts(found: Found) -> Iterator[str]:
    """Yield reasons to look again; none: the choice is sure."""
    if not found.complete:
        yield "the time was over before everything was compared"
    elif found.cost is None:
        yield "there was no time to measure what was chosen"
    if told := _busy(found):
        yield told
    final = last_final(found.stages)
    chosen = _of(final, found) if final else None
    if chosen is None:
        return
    if chosen.rounds < _ROUNDS and len(usable(final.trials if final else [])) > 1:
        times = "once" if chosen.rounds == 1 else f"{chosen.rounds} times"
        yield f"what was chosen was measured only {times}"
    least, most = chosen.range or (1.0, 1.0)
    if most > least * (1 + SPREAD):
        yield f"rounds of what was chosen differ: {least:.2f} to {most:.2f} s"


def _busy(found: Found) -> str:
    """Tell how much others computed, if that may have decided something."""
    trials = [trial for stage in found.stages for trial in stage.trials]
    rounds = [(trial, index) for trial in trials for index in range(trial.rounds)]
    disturbed = [trial.others[index] for trial, index in rounds if not trial.quiet(index)]
    if all(_is_quiet(stage) for stage in found.stages):
        return ""
    took = sum(disturbed) / max(1, len(disturbed))
    return (
        f"others took {took:.1f} processors during {len(disturbed)} of {len(rounds)} measurements"
    )


def _is_quiet(stage: Stage) -> bool:
    """Return whether a stage was decided by rounds that nobody disturbed.

    What lost needs one of them: anybody may have made it slow. The first, and what was chosen, need
    two.
    """
    return all(
        trial.quiet_rounds
        >= min(2 if index == 0 or trial.choice == stage.chosen else 1, trial.rounds)
        for index, trial in enumerate(stage.trials)
        if trial.rounds and not trial.failure
    )


def _of(stage: Stage, found: Found) -> Trial | None:
    return next((trial for trial in stage.trials if trial.choice == found.choice), None)
