"""Waiting that ends when a child process does."""

from __future__ import annotations

import signal
import subprocess
import sys

from pisovereign.process.child_signals import child_signals
from tests.support.patience import PATIENCE_S

LONG_S = 3600.0  # whoever waits for all of it is ended by the limit of each test


def test_it_ends_with_the_child() -> None:
    with child_signals() as ends:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        assert child.stdin is not None
        child.stdin.close()
        ends.wait(LONG_S)
        child.wait(PATIENCE_S)


def test_an_end_before_it_is_not_missed() -> None:
    with child_signals() as ends:
        subprocess.run(["true"], check=True)
        ends.wait(LONG_S)


def test_it_ends_by_itself_and_leaves_the_signal_as_it_was() -> None:
    before = signal.getsignal(signal.SIGCHLD)
    with child_signals() as ends:
        ends.wait(0.01)
    assert signal.getsignal(signal.SIGCHLD) == before
    assert signal.set_wakeup_fd(-1) == -1
