"""What a command gets to see, and what comes back, with the real runner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pisovereign.runner.writing import SCRATCH_BYTES
from tests.runner.conftest import Runner


def test_a_command_ends_with_its_output_and_exit_code(runner: Runner) -> None:
    result = runner.python("import sys; print('Grüße'); print('no', file=sys.stderr); sys.exit(3)")
    assert (result.status, result.exit_code) == ("failed", 3)
    assert (result.stdout, result.stderr, result.truncated) == ("Grüße\n", "no\n", False)
    assert runner.run("true").status == "completed"


def test_nothing_but_the_kernel_reads_the_arguments(runner: Runner) -> None:
    words = ["$HOME", "`id`", "a b", "*", ";", "|", "&&", "\n", "", "--output=x", "\\", "'", "😀"]
    shown = runner.python("import json, sys; print(json.dumps(sys.argv[1:]))", *words)
    assert json.loads(shown.stdout) == words


def test_the_environment_is_clean(runner: Runner) -> None:
    assert set(runner.run("env").stdout.split()) == {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "HOME=/nonexistent",
    }


def test_no_descriptor_is_left_open(runner: Runner) -> None:
    code = """
import os
for name in sorted(os.listdir("/proc/self/fd")):
    try:
        print(name, os.readlink("/proc/self/fd/" + name))
    except FileNotFoundError:
        pass
"""
    lines = runner.python(code).stdout.splitlines()
    assert lines[0] == "0 /dev/null"
    assert [line.split(":")[0] for line in lines[1:]] == ["1 pipe", "2 pipe"]


FILL = """
import os, sys
written = 0
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/var", "/home", "/root", "/"):
    for number in range(12):
        try:
            with open(f"{folder}/filled-{len(folder)}-{number}", "wb", buffering=0) as file:
                for _ in range(15):
                    written += file.write(bytes(1 << 20))
        except OSError:
            pass
print(written)
"""


def test_what_it_writes_is_little_and_gone_with_it(runner: Runner, way: str) -> None:
    """As much as the disk had room for, in files of 16 MiB each; 10 GB in half a minute."""
    written = int(runner.python(FILL).stdout)
    assert written == 0 if way == "without" else 0 < written <= SCRATCH_BYTES
    assert not [*Path("/tmp").glob("filled-*"), *Path("/var/tmp").glob("filled-*")]
    assert runner.run("ls", "/tmp").stdout == "" or way == "without"


def test_what_is_nobodys_can_be_written(runner: Runner) -> None:
    code = "open('/dev/null', 'w').write('x'); print('done')"
    assert runner.python(code).stdout == "done\n"


def test_it_reads_nothing(runner: Runner) -> None:
    assert runner.run("cat").stdout == ""


def test_it_runs_in_a_session_of_its_own_without_new_rights(runner: Runner) -> None:
    code = """
import os, signal
mask = os.umask(0)
print(os.getcwd(), oct(mask), os.getsid(0) == os.getpid() == os.getpgid(0))
print([n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN])
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")])
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")])
"""
    lines = runner.python(code).stdout.splitlines()
    assert lines[0] == "/ 0o77 True"
    assert lines[2:] == ["['1']", "['0000000000000000']"]


@pytest.mark.parametrize("name", ["no-such-program", "../bin/true", "bin/true", "", ".", "/etc"])
def test_a_program_that_does_not_exist(runner: Runner, name: str) -> None:
    result = runner.run(name)
    assert (result.status, result.exit_code) == ("failed", None)
    assert "no such program" in result.stderr


def test_a_signal_is_told_as_a_shell_does(runner: Runner) -> None:
    result = runner.python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (result.status, result.exit_code) == ("failed", 128 + 11)
