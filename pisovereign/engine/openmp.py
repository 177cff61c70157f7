"""OpenMP reads its settings once, from the environment, when llama.cpp is loaded."""

from __future__ import annotations

import os

from pisovereign.engine.compute import WaitPolicy

# How often a waiting thread looks before it sleeps. Milliseconds a step, two threads on two virtual
# cores beside a light load, one sequence and four at 512 tokens: passive 24 and 41, 10,000 times
# 11 and 27, 50,000 times 11 and 30, OpenMP's own "active" 11 and 31; one thread 14 and 44.
_SPINS = 10_000


def set_up_openmp(policy: WaitPolicy) -> None:
    """Choose how threads wait for each other; variables that are set already win.

    passive: asleep. active: they look around for a moment first. OpenMP's own "active" is not used:
    its threads never sleep, so an idle engine would keep every core busy.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if policy == "active":
        os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))
