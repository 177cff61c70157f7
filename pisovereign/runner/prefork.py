"""Everything that can be done for a command before it is known.

Forks, namespaces and mounts take most of the time that running a short command takes.
"""

from __future__ import annotations

import os
import signal

import msgspec

from pisovereign.runner import kernel
from pisovereign.runner.init_process import start_keeper, take_along_descendants
from pisovereign.runner.launch import Launcher
from pisovereign.runner.order import Surroundings
from pisovereign.runner.processes import threads_of
from pisovereign.runner.sandbox import enter

# This one and the keeper.
_OWN_PROCESSES = 2
# Others of the same user may come between now and the command.
_SPARE_PROCESSES = 64


class Standby(msgspec.Struct, frozen=True, kw_only=True):
    """A keeper and a process that waits for its order.

    Descriptors: `keeper_end` becomes readable when the keeper and, in a namespace, everything else
    has ended; the order goes into `orders`; the others are read from.
    """

    keeper: int
    keeper_end: int
    orders: int
    stdout: int
    stderr: int
    report: int


def stand_by(surroundings: Surroundings) -> Standby:
    """Prepare for one command; to be done once in a process.

    Raises:
        OSError: the kernel refuses what was permitted before.
    """
    account, namespace = surroundings.account, surroundings.isolation != "none"
    counted = _OWN_PROCESSES
    if surroundings.isolation == "namespaces":
        counted += threads_of(account.uid) + _SPARE_PROCESSES
    if namespace:
        parent = os.getppid()
        account = enter(surroundings.isolation, account, surroundings.hidden)
        # Again: a change of user undoes it.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    else:
        take_along_descendants()
    stdout, stderr, report, orders = (os.pipe() for _ in range(4))
    own = (stdout[0], stderr[0], report[0], orders[1])
    launcher = Launcher(
        surroundings=surroundings,
        account=account,
        outputs=(stdout[1], stderr[1]),
        orders=orders[0],
        report=report[1],
        user_processes=counted,
    )
    keeper = start_keeper(report[1], launcher.run, own, namespace=namespace)
    for descriptor in (stdout[1], stderr[1], report[1], orders[0]):
        os.close(descriptor)
    for descriptor in (stdout[0], stderr[0], report[0]):
        os.set_blocking(descriptor, False)
    return Standby(
        keeper=keeper,
        keeper_end=os.pidfd_open(keeper),
        orders=orders[1],
        stdout=stdout[0],
        stderr=stderr[0],
        report=report[0],
    )
