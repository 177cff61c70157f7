"""Run one long command: its output goes to a log, what a person sees is how far it is."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TextIO

from tools.problem import Problem

NINJA_STEP = re.compile(rb"\[(\d+)/(\d+)\] ")
PIP_STEP = re.compile(rb"^(?:Collecting|Downloading|Building|Installing) [^\s,;]+")
QUIET_SECONDS = 20.0  # between two lines where no terminal shows the running one
LAST_LINES = 25


class Progress:
    """One line for a stage: rewritten in place on a terminal, repeated now and then elsewhere."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self.label = label
        self.stream = stream
        self.live = stream.isatty()
        self.began = time.monotonic()
        self.shown = self.began
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
    progress = Progress(label, stream or sys.stdout)
    outcome = "interrupted"
    # In a session of its own it can be ended with everything that it started.
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
        close_fds=False,  # it inherits the lock, and nothing else is inheritable
    )
    try:
        assert process.stdout is not None
        with log.open("wb") as file, process.stdout:
            follow(process.stdout, file, progress)
            outcome = "done" if process.wait() == 0 else "failed"
    finally:
        if process.poll() is None:
            stop(process)
        progress.end(outcome)
    if process.returncode != 0:
        last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        raise Problem("\n".join([*last, f"{label}: failed. The whole output is in {log}"]))


def follow(pipe: IO[bytes], log: IO[bytes], progress: Progress) -> None:
    """Copy a command's output to the log until it ends, and keep the progress line going."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            progress.tick()
            if not selector.select(timeout=0.5):
                continue
            chunk = os.read(pipe.fileno(), 65536)
            if not chunk:
                return
            log.write(chunk)
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                progress.detail = step_of(line) or progress.detail


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
