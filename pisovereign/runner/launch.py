"""A process that waits to become a command."""

from __future__ import annotations

import os
import resource
import signal
from typing import NoReturn

import msgspec

from pisovereign.runner import kernel
from pisovereign.runner.account import Account
from pisovereign.runner.init_process import EXECUTE_FAILED
from pisovereign.runner.limits import apply
from pisovereign.runner.network_filter import refuse_network
from pisovereign.runner.order import Order, Surroundings
from pisovereign.runner.processes import threads_of
from pisovereign.runner.programs import ENVIRONMENT
from pisovereign.runner.sandbox import leave_network

_CHUNK = 64 * 1024
_ORDERS = msgspec.json.Decoder(Order)


class Launcher(msgspec.Struct, frozen=True, kw_only=True):
    """What such a process knows beforehand.

    Descriptors: `outputs` are its standard streams, an order comes from `orders`, and to `report`
    it writes why there is no command. `user_processes` are counted already by the kernel; where
    there are no namespaces, they are counted again.
    """

    surroundings: Surroundings
    account: Account
    outputs: tuple[int, int]
    orders: int
    report: int
    user_processes: int

    def run(self) -> NoReturn:
        """Wait for the order and become the command, with nothing of this process's left."""
        try:
            os.setsid()
            os.chdir("/")
            os.umask(0o077)
            _default_signals()
            self._arrange_descriptors()
            order = self._order()
            if order is not None:
                self._become(order)
        except OSError as error:
            os.write(self.report, EXECUTE_FAILED + str(error.errno).encode())
        finally:
            os._exit(127)

    def _become(self, order: Order) -> NoReturn:
        surroundings = self.surroundings
        if not order.network and surroundings.isolation != "none":
            leave_network()
        self.account.become()
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        # After the change of user, which undoes it.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if not order.network and surroundings.filtered:
            refuse_network()
        apply(surroundings.limits, self._user_processes())
        argv = [word.encode() for word in order.argv]
        os.execve(order.program, argv, ENVIRONMENT)  # noqa: S606

    def _user_processes(self) -> int:
        if self.surroundings.isolation != "none":
            return self.user_processes
        # A user's own, whose number changes with each window that they open; one is this process.
        return threads_of(self.account.uid) - 1

    def _order(self) -> Order | None:
        """What to become; None when the runner ends without an order."""
        text = b""
        while not text.endswith(b"\n"):
            piece = os.read(self.orders, _CHUNK)
            if not piece:
                return None
            text += piece
        return _ORDERS.decode(text)

    def _arrange_descriptors(self) -> None:
        """Standard streams, and else only what closes by itself when the command begins."""
        null = os.open("/dev/null", os.O_RDONLY)
        for number, descriptor in enumerate((null, *self.outputs)):
            os.dup2(descriptor, number)
        first, second = sorted((self.orders, self.report))
        highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        os.closerange(3, first)
        os.closerange(first + 1, second)
        os.closerange(second + 1, highest)


def _default_signals() -> None:
    """Undo what Python, or whoever started it, ignores or holds back."""
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
