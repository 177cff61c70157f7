"""Power cuts: the program is killed before each thing that it writes, and the machine starts again.

After each cut a whole system starts, and once the update is repeated it comes to its end.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.programs import required_program
from tests.support.server import clean_environment
from tests.support.update_board import SimulatedBoard
from tests.support.updates import make_update

# All that changes something on a disk.
WRITES = (
    "write,pwrite64,?rename,renameat,?renameat2,?unlink,unlinkat,fsync,ftruncate,"
    "?mkdir,mkdirat,?chmod,fchmod,fchmodat"
)
DECISIVE = ("pwrite64", "fsync")
CONFIRM = (
    "from pathlib import Path\n"
    "import sys\n"
    "from pisovereign.updates import installing\n"
    "from pisovereign.updates.board import Board\n"
    "installing.confirm(Board(Path(sys.argv[1])), lambda: None)\n"
)


def traced(strace: str, log: Path, command: list[str], *inject: str) -> int:
    """Run a program under strace; returns its exit code, which is negative if it was killed."""
    argv = [strace, "-qq", "-o", str(log), "-e", f"trace={WRITES}", *inject, *command]
    environment = clean_environment({"PYTHONDONTWRITEBYTECODE": "1"})
    return subprocess.run(argv, env=environment, capture_output=True, check=False).returncode


def commands(machine: SimulatedBoard, update: Path) -> dict[str, list[str]]:
    """The programs of an update, by its phases."""
    python = machine.command()[0]
    return {
        "writing": machine.command("install", update),
        "asking for a trial": machine.command("try"),
        "starting the trial": machine.command("settle"),
        "going back": machine.command("settle"),
        "keeping": [python, "-c", CONFIRM, str(machine.root)],
    }


def to_phase(machine: SimulatedBoard, phase: str, update: Path) -> None:
    """Bring a machine to where a phase begins."""
    if phase == "writing":
        return
    machine.update("install", update)
    if phase in {"keeping", "starting the trial", "going back"}:
        machine.update("try")
        machine.power_on(tryboot=phase != "going back", settle=phase == "keeping")


def cuts(log: Path) -> Iterator[tuple[str, int]]:
    """Each call of a program that wrote, and which one of its kind it was."""
    counts: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        if found := re.match(r"(\w+)\(", line):
            counts[found[1]] += 1
            yield found[1], counts[found[1]]


def test_after_a_power_cut_at_any_moment_a_whole_system_starts(tmp_path: Path) -> None:
    strace = required_program("strace")
    update = make_update(tmp_path / "new", "1.1.0")
    done, ends = 0, Counter[str]()
    for phase in commands(SimulatedBoard(tmp_path / "any"), update):
        start = tmp_path / phase
        machine = SimulatedBoard(start)
        to_phase(machine, phase, update)
        kept = shutil.copytree(start, tmp_path / f"{phase} kept", symlinks=True)
        assert traced(strace, tmp_path / "log", commands(machine, update)[phase]) == 0
        for call, number in cuts(tmp_path / "log"):
            shutil.rmtree(start)
            shutil.copytree(kept, start, symlinks=True)
            inject = ("-e", f"inject={call}:signal=SIGKILL:when={number}")
            command = commands(machine, update)[phase]
            if traced(strace, tmp_path / "cut", command, *inject) == 0:
                # How often progress is noted depends on how busy this machine is.
                assert call not in DECISIVE, f"{phase}: {call} {number} was not reached"
                continue
            check_after(machine, phase, update, ends)
            done += 1
    print(f"{done} power cuts: {dict(ends)}")
    assert done >= 100


def check_after(machine: SimulatedBoard, phase: str, update: Path, ends: Counter[str]) -> None:
    """Start again; a whole system runs, knows what happened, and can be updated."""
    # Raises if what starts is not whole.
    machine.power_on()
    before = machine.stage()
    assert before in {"none", "failed", "written", "rolled_back", "kept"}
    end = f"{phase}: {machine.version} runs, {before}"
    ends[end] += 1
    if machine.version == "1.1.0":
        assert (phase, before) == ("keeping", "kept")
        return
    assert before != "kept"
    # What was half done is in nobody's way; once for each way to end, and it takes a while.
    if ends[end] > 1:
        return
    machine.update("install", update)
    machine.update("try")
    machine.restart()
    assert machine.version == "1.1.0"
    subprocess.run(commands(machine, update)["keeping"], check=True, capture_output=True)
    machine.power_on()
    assert (machine.version, machine.stage()) == ("1.1.0", "kept")


def test_what_a_step_builds_on_is_on_the_card_before_it(tmp_path: Path) -> None:
    """A power cut also takes what was written and not flushed: the order of the calls counts."""
    strace = required_program("strace")
    machine, log = SimulatedBoard(tmp_path / "machine"), tmp_path / "log"
    update = make_update(tmp_path / "new", "1.1.0")
    traced(strace, log, machine.command("install", update), "-y")
    lines = log.read_text().splitlines()
    renames = [n for n, line in enumerate(lines) if re.match(r"rename.*state\.json", line)]
    flushed = [n for n, line in enumerate(lines) if re.match(r"fsync\(.*(boot|system)_b", line)]
    written = [n for n, line in enumerate(lines) if re.match(r"pwrite64\(.*(boot|system)_b", line)]
    # State "writing", then both partitions, each flushed, then state "written".
    assert len(flushed) == 2
    assert renames[0] < min(written) < max(written) < flushed[1] < renames[-1]
    for number in renames:
        assert any(re.match(r"fsync\(.*state\.json", line) for line in lines[:number])

    to_phase(machine, "keeping", update)
    traced(strace, log, commands(machine, update)["keeping"], "-y")
    lines = log.read_text().splitlines()
    (decisive,) = [n for n, line in enumerate(lines) if "autoboot" in line and "pwrite" in line]
    assert "autoboot" in lines[decisive + 1]
    assert lines[decisive + 1].startswith("fsync")
    assert all(number > decisive for number, line in enumerate(lines) if "rename" in line)
