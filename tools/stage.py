"""Run long commands: their output goes to logs, what a person sees is how far they are."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from tools.problem import Problem

NINJA_STEP = re.compile(rb"\[(\d+)/(\d+)\] ")
PIP_STEP = re.compile(rb"^(?:Collecting|Downloading|Building|Installing) [^\s,;]+")
QUIET_SECONDS = 20.0  # between two lines where no terminal shows the running one
LOOK_SECONDS = 0.2  # between two looks at what a command has said
LAST_LINES = 25


class Progress:
    """One line for a stage: rewritten in place on a terminal, repeated now and then elsewhere."""

    def __init__(self, label: str, stream: TextIO, began: float) -> None:
        self.label = label
        self.stream = stream
        self.live = stream.isatty()
        self.began = began
        self.shown = time.monotonic()
        self.detail = ""
        self._write("" if self.live else "\n")

    def line(self) -> str:
        """Return the line as it is now: label, elapsed minutes and seconds, and the step."""
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{self.label}  {minutes}:{seconds:02}  {self.detail}".rstrip()

    def tick(self) -> None:
        """Show the line again if it is time to."""
        now = time.monotonic()
        if now - self.shown >= (0.2 if self.live else QUIET_SECONDS):
            self.shown = now
            self._write("" if self.live else "\n")

    def end(self, outcome: str) -> None:
        """Show the line a last time."""
        self.detail = outcome
        self._write("\n")

    def _write(self, ending: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        text = f"\r\x1b[K{self.line()[:width]}" if self.live else self.line()
        self.stream.write(text + ending)
        self.stream.flush()


def step_of(line: bytes) -> str | None:
    """Return what a line of ninja's or pip's says about how far it is, if it does."""
    if found := NINJA_STEP.search(line):
        return found[0].decode().strip()
    if found := PIP_STEP.match(line):
        return found[0].decode(errors="replace")
    return None


class Command:
    """A command that was started: its output goes to its log, its progress is shown on request.

    Args:
        label: What it does.
        argv: Its arguments.
        log: Where its output goes.
        env: Its environment; None: this one.
        cwd: Its folder; None: this one.
    """

    def __init__(
        self,
        label: str,
        argv: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None,
        cwd: Path | None,
    ) -> None:
        self._label = label
        self._log = log
        self._began = time.monotonic()
        with log.open("wb") as file:
            # In a session of its own it can be ended with everything that it started.
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                close_fds=False,  # it inherits the lock, and nothing else is inheritable
            )

    def finish(self, stream: TextIO | None = None) -> None:
        """Wait for the end, while showing progress on `stream` (standard output if None).

        Raises:
            Problem: it failed; the text holds the end of its output and where all of it is.
        """
        progress = Progress(self._label, stream or sys.stdout, self._began)
        outcome = "interrupted"
        try:
            with self._log.open("rb") as output:
                self._follow(output, progress)
            outcome = "done" if self._process.returncode == 0 else "failed"
        finally:
            self.stop()
            progress.end(outcome)
        if self._process.returncode != 0:
            last = self._log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            where = f"{self._label}: failed. The whole output is in {self._log}"
            raise Problem("\n".join([*last, where]))

    def stop(self) -> None:
        """End it, if it still runs."""
        if self._process.poll() is None:
            stop(self._process)

    def _follow(self, output: IO[bytes], progress: Progress) -> None:
        """Show what it says about how far it is, until it ends."""
        pending = b""
        while True:
            ended = self._ended()
            *lines, pending = (pending + output.read()).split(b"\n")
            for line in lines:
                progress.detail = step_of(line) or progress.detail
            progress.tick()
            if ended:
                return

    def _ended(self) -> bool:
        try:
            self._process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True


@contextmanager
def started(
    label: str,
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Command]:
    """Start a command that runs beside what the block does; it is over at the end of the block."""
    command = Command(label, argv, log, env, cwd)
    try:
        yield command
    finally:
        command.stop()


def run(
    label: str,
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stream: TextIO | None = None,
) -> None:
    """Run a command to its end while showing progress on `stream` (standard output if None).

    Raises:
        Problem: it failed; the text holds the end of its output and where all of it is.
    """
    with started(label, argv, log=log, env=env, cwd=cwd) as command:
        command.finish(stream)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a command and its children: politely, and after five seconds by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
