"""Waiting that ends when a child process does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from pisovereign.process.child_signals import child_signals
from tests.support.patience import PATIENCE_S

LONG_S = 60.0


def test_it_ends_with_the_child() -> None:
    with child_signals() as ends:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        assert child.stdin is not None
        began = time.monotonic()
        child.stdin.close()
        ends.wait(LONG_S)
        assert time.monotonic() - began < LONG_S / 2
        child.wait(PATIENCE_S)


def test_an_end_before_it_is_not_missed() -> None:
    with child_signals() as ends:
        subprocess.run(["true"], check=True)
        began = time.monotonic()
        ends.wait(LONG_S)
        assert time.monotonic() - began < LONG_S / 2


def test_it_ends_by_itself_and_leaves_the_signal_as_it_was() -> None:
    before = signal.getsignal(signal.SIGCHLD)
    with child_signals() as ends:
        ends.wait(0.01)
    assert signal.getsignal(signal.SIGCHLD) == before
    assert signal.set_wakeup_fd(-1) == -1
