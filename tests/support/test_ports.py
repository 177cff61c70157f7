"""Ports are handed out once, whatever else tests on this machine."""

from __future__ import annotations

import subprocess
import sys

from tests.support.patience import PATIENCE_S
from tests.support.ports import AT_ONCE, END, FIRST, OwnPorts, reserved

OTHER = """
from tests.support.ports import OwnPorts
ports = OwnPorts()
print(*(ports.take() for _ in range(120)), flush=True)
input()
"""


def test_nobody_is_given_a_port_twice() -> None:
    ports, others = OwnPorts(), OwnPorts()
    taken = [ports.take() for _ in range(120)]
    assert len(set(taken)) == len(taken)
    assert all(FIRST <= port < END for port in taken)
    assert set(taken).isdisjoint(others.take() for _ in range(120))


def test_processes_are_given_different_ports_until_they_end() -> None:
    running = [_start() for _ in range(3)]
    try:
        given = [_ports_of(process) for process in running]
        ranges = {port - port % AT_ONCE for ports in given for port in ports}
        assert len(set.union(*given)) == 3 * 120
        assert not any(reserved(start) for start in ranges)
    finally:
        for process in running:
            process.kill()
            process.communicate(timeout=PATIENCE_S)
    for start in ranges:
        name = reserved(start)
        assert name is not None
        name.close()


def _start() -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", OTHER]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _ports_of(process: subprocess.Popen[str]) -> set[int]:
    assert process.stdout is not None
    return set(map(int, process.stdout.readline().split()))
