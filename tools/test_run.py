"""What a run of tests leaves behind: processes and folders, and whose they were.

All that a run makes lies in one folder, which `TMPDIR` names for everything that it starts. So its
processes are known by their environment, arguments or working folder, also when whoever started
them is gone, and its folders by where they are.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools import postgres_memory

_PREFIX = "pisov-run-"
IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 << 30  # containers often have 64 MB
# And the number of the process: which folder was made by which of its tests.
_NOTES = ".made-"
# And its number: where a pytest keeps its folders. Short, since paths of sockets are limited.
_PYTESTS = "p-"
# onnxruntime leaves it wherever it is imported.
_OF_LIBRARIES = ".ses"
_NOT_COMPILED = "PYTHONDONTWRITEBYTECODE"
_NO_TEST = "no known test"
_NO_LEFTOVERS = (_NOTES, _PYTESTS, _OF_LIBRARIES)
# What pytest may take to clean up after it was interrupted.
_INTERRUPTED_LIMIT_S = 60.0
_HEARD_LIMIT_S = 30.0
# What a process that was told to end, or whose parent has ended, may take.
_END_LIMIT_S = 10.0
_LOOK_S = 0.05


class Process(NamedTuple):
    """A process that is still there: its number, its arguments and the test that started it."""

    number: int
    command: str
    test: str

    def __str__(self) -> str:
        """Say what it is and whose."""
        return f"process {self.number} ({self.command[:100]}), of {self.test or _NO_TEST}"


class TestRun:
    """The folder of one run, and what is in it and around it.

    Attributes:
        folder: Holds everything temporary; every account may enter it.
        in_memory: The same for databases, which a disk makes wait; `folder` where there is no room.
    """

    __test__ = False  # for pytest, which looks for classes of this name

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        in_memory = IN_MEMORY / folder.name
        self.in_memory = in_memory if in_memory.is_dir() else folder
        self._began = time.time()

    @classmethod
    def begin(cls) -> "TestRun":
        """Make the folders of a new run."""
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        folder.chmod(0o755)
        if has_room_in_memory():
            (IN_MEMORY / folder.name).mkdir(mode=0o755)
        return cls(folder)

    @classmethod
    def current(cls) -> "TestRun | None":
        """Return the run that this process is part of, if it is one."""
        folder = Path(tempfile.gettempdir())
        return cls(folder) if folder.name.startswith(_PREFIX) else None

    def pytest_folder(self) -> Path:
        """Return where this process, which is a pytest, keeps its folders."""
        return self.folder / f"{_PYTESTS}{os.getpid()}"

    def environment(self) -> dict[str, str]:
        """Return what makes a process, and all that it starts, part of this run."""
        return {"TMPDIR": str(self.folder)}

    def environment_of_pytest(self) -> dict[str, str]:
        """Return the environment of a pytest of this run.

        Containers often say that nothing compiled may be kept. Then each process would compile
        the files of all tests each time.
        """
        kept = {key: value for key, value in os.environ.items() if key != _NOT_COMPILED}
        return kept | self.environment()

    def enter(self) -> None:
        """Make this process part of the run."""
        os.environ.update(self.environment())
        tempfile.tempdir = None  # it is looked up again

    def note_folders(self) -> None:
        """Note from now on which test of this process makes which folder."""
        notes = (self.folder / f"{_NOTES}{os.getpid()}").open("a", buffering=1)
        below = (f"{self.folder}/", f"{self.in_memory}/")

        def hear(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.mkdir" and str(arguments[0]).startswith(below):
                notes.write(f"{arguments[0]}\t{_test_in(os.environ)}\n")

        sys.addaudithook(hear)

    def processes(self) -> list[Process]:
        """Return what still runs of it, but for this process."""
        mark = os.fsencode(self.folder.name)  # the folder in memory has the same
        found = (_process(int(e.name), mark) for e in os.scandir("/proc") if e.name.isdigit())
        return [process for process in found if process is not None]

    def folders(self) -> dict[Path, str]:
        """Return what is there of it but pytest's own, and the test that made it, if one is known.

        A program that is killed leaves a folder in memory, whose name tells only its data folder.
        """
        made = self._made()
        in_memory = {program_memory(path): test for path, test in made.items()}
        left = {path: test for path, test in in_memory.items() if path.exists()}
        for place in {self.folder, self.in_memory}:
            for path in place.iterdir() if place.is_dir() else ():
                if not path.name.startswith(_NO_LEFTOVERS):
                    left[path] = made.get(path, "")
        return left

    def end(self, limit_s: float = _END_LIMIT_S) -> list[str]:
        """End what still runs, delete all that is there, and say what both was."""
        left = [str(process) for process in self._end_processes(limit_s)]
        postgres_memory.free(self._began)  # tests kill servers deliberately
        folders = self.folders()
        left += [f"{path}, of {test or _NO_TEST}" for path, test in sorted(folders.items())]
        for place in (*folders, self.folder, self.in_memory):
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)
        return left

    def _end_processes(self, limit_s: float) -> list[Process]:
        """Kill what does not end by itself in that time; return what that was."""
        deadline = time.monotonic() + limit_s
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        killed = left
        deadline = time.monotonic() + _END_LIMIT_S
        while left and time.monotonic() < deadline:
            for process in left:
                with contextlib.suppress(OSError):  # it has ended
                    os.kill(process.number, signal.SIGKILL)
            time.sleep(_LOOK_S)
            left = self.processes()
        return killed

    def _made(self) -> dict[Path, str]:
        lines = [
            line.partition("\t")
            for notes in self.folder.glob(f"{_NOTES}*")
            for line in notes.read_text().splitlines()
        ]
        return {Path(path): test for path, _, test in lines}


def program_memory(data_dir: Path) -> Path:
    """Return where the program with this data folder keeps what changes all the time.

    As `pisovereign/telemetry/multiprocess.py` does, which cannot be imported before it is set up.
    """
    name = hashlib.blake2b(os.fsencode(data_dir.resolve()), digest_size=8).hexdigest()
    return IN_MEMORY / f"pisovereign-{os.getuid()}-{name}"


def run_tests(argv: Sequence[str], cwd: Path, end_limit_s: float = _END_LIMIT_S) -> int:
    """Run pytest as a run of its own and return its exit code, or 1 if something was left behind.

    Where it is interrupted it may clean up first, and what it leaves all the same is ended here.
    """
    run = TestRun.begin()
    process = subprocess.Popen(argv, cwd=cwd, env=run.environment_of_pytest())
    try:
        code = process.wait()
    except (KeyboardInterrupt, SystemExit) as end:
        interrupt(process, heard=isinstance(end, KeyboardInterrupt))
        raise
    finally:
        left = run.end(end_limit_s)
        for line in left:
            print(f"left behind: {line}", flush=True)
    return code or int(bool(left))


def interrupt(process: subprocess.Popen[Any], *, heard: bool) -> None:
    """Let a pytest end as by Ctrl-C, and kill it if that takes too long.

    Args:
        process: It, and all that it starts.
        heard: It was probably told already, since a terminal tells all at once: told again at
            once, it would stop cleaning up.
    """
    try:
        if heard:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_HEARD_LIMIT_S)
        process.send_signal(signal.SIGINT)
        process.wait(_INTERRUPTED_LIMIT_S)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        process.kill()
        process.wait()


def has_room_in_memory() -> bool:
    """Return whether databases can be kept in memory: a disk makes each commit wait."""
    try:
        status = os.statvfs(IN_MEMORY)
    except OSError:
        return False
    room = status.f_bavail * status.f_frsize >= _ROOM_BYTES
    return room and not status.f_flag & os.ST_NOEXEC and os.access(IN_MEMORY, os.W_OK)


def _process(number: int, mark: bytes) -> Process | None:
    """Return a process if it is of the run whose folder has that name, and not this one."""
    place = f"/proc/{number}"
    environment, command = _read(f"{place}/environ"), _read(f"{place}/cmdline")
    if number == os.getpid() or not (
        mark in environment
        or ((mark in command or mark in _working_folder(place)) and not _is_a_persons(place))
    ):
        return None
    values = (entry.partition(b"=") for entry in environment.split(b"\0"))
    named = {name.decode(errors="replace"): v.decode(errors="replace") for name, _, v in values}
    shown = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return Process(number, shown, _test_in(named)) if command else None


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def _working_folder(place: str) -> bytes:
    try:
        return os.fsencode(Path(place, "cwd").readlink())
    except OSError:
        return b""


def _is_a_persons(place: str) -> bool:
    """Return whether somebody else's, or a terminal's: a shell or a pager that looks at a run."""
    try:
        foreign = os.getuid() not in (0, Path(place).stat().st_uid)
    except OSError:  # it has ended
        return False
    terminal = _read(f"{place}/stat").rpartition(b")")[2].split()[4:5]
    return foreign or terminal not in ([], [b"0"])


def _test_in(environment: Mapping[str, str]) -> str:
    """Return the test that pytest says is running, without its phase."""
    return environment.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
