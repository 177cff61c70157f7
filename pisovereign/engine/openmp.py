"""Using OpenMP, which reads its settings once, from the environment, when llama.cpp is loaded.

It keeps a team for every thread that has computed. Once all teams together have more threads than
there are cores, waiting ones sleep at once, and a step of two threads took two to six times as
long. So whatever computes beside the one thread that serves does it `apart`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from pisovereign.engine.compute_settings import WaitPolicy

P = ParamSpec("P")
T = TypeVar("T")

# How often a waiting thread looks before it sleeps. Milliseconds a step, two threads on two virtual
# cores beside a light load, one sequence and four at 512 tokens: passive 24 and 41, 10,000 times
# 11 and 27, 50,000 times 11 and 30, OpenMP's own "active" 11 and 31; one thread 14 and 44.
_SPINS = 10_000


def openmp_variables(policy: WaitPolicy) -> dict[str, str]:
    """Return the environment variables that choose how threads wait for each other.

    passive: asleep. active: they look around for a moment first. OpenMP's own "active" is not used:
    its threads never sleep, so an idle engine would keep every core busy.
    """
    variables = {"OMP_WAIT_POLICY": "passive"}
    return variables | {"GOMP_SPINCOUNT": str(_SPINS)} if policy == "active" else variables


def set_up_openmp(policy: WaitPolicy) -> None:
    """Choose how threads wait for each other; variables that are set already win."""
    for name, value in openmp_variables(policy).items():
        os.environ.setdefault(name, value)


def run_in_own_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a thread that ends afterwards, and its OpenMP team with it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *args, **kwargs).result()
