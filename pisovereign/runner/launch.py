"""Preparing for a command before it is known, and becoming it.

Forks, namespaces and mounts take most of the time that running a short command takes, so all of
them are done before a client comes.
"""

from __future__ import annotations

import os
import resource
import signal
from typing import NoReturn

import msgspec

from pisovereign.process import syscalls
from pisovereign.process.command_filter import restrict
from pisovereign.runner.account import Account
from pisovereign.runner.command_spec import CommandSpec, ExecutionContext, apply
from pisovereign.runner.folders import show_only
from pisovereign.runner.init_process import (
    EXECUTE_FAILED,
    FOLDERS_FAILED,
    adopt_descendants,
    start_init_process,
)
from pisovereign.runner.processes import threads_of
from pisovereign.runner.programs import ENVIRONMENT
from pisovereign.runner.sandbox import enter, leave_network
from pisovereign.runner.writing import refuse_writing, replace_temporary_folders

_CHUNK = 64 * 1024
_SPECS = msgspec.json.Decoder(CommandSpec)


class CommandProcess(msgspec.Struct, frozen=True, kw_only=True):
    """The process that waits to become a command, and what it knows beforehand.

    Descriptors: `streams` are its standard streams, it reads the specification of the command from
    `specs`, and writes to `report` why there is no command. `user_processes` are counted already by
    the kernel; where there are no namespaces, they are counted again.
    """

    context: ExecutionContext
    account: Account
    streams: tuple[int, int, int]
    specs: int
    report: int
    user_processes: int

    def run(self) -> NoReturn:
        """Wait for the specification and become the command; nothing of this process is left."""
        try:
            os.setsid()
            os.chdir("/")
            os.umask(0o077)
            _default_signals()
            self._arrange_descriptors()
            spec = self._spec()
            if spec is not None and self._has_folders(spec):
                self._become(spec)
        except OSError as error:
            os.write(self.report, EXECUTE_FAILED + str(error.errno).encode())
        finally:
            os._exit(127)

    def _has_folders(self, spec: CommandSpec) -> bool:
        """Hide folders from a program that may not see all; False when one is not there."""
        if spec.folders is None:
            if self.context.isolation != "none":
                replace_temporary_folders()
            return True
        try:
            show_only(spec.folders)
        except OSError as error:
            os.write(self.report, FOLDERS_FAILED + str(error.errno).encode())
            return False
        return True

    def _become(self, spec: CommandSpec) -> NoReturn:
        context = self.context
        if spec.session is None:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if not spec.network and context.isolation != "none":
            leave_network()
        self.account.become()
        syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        # After the change of user, which undoes it.
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if context.isolation == "none":
            refuse_writing()
        if context.filtered:
            restrict(network=spec.network)
        apply(context.limits, self._user_processes(), session=spec.session is not None)
        argv = [word.encode() for word in spec.argv]
        own = {} if spec.session is None else spec.session.env
        os.execve(spec.program, argv, ENVIRONMENT | own)  # noqa: S606

    def _user_processes(self) -> int:
        if self.context.isolation != "none":
            return self.user_processes
        # A user's own, whose number changes with each window that they open; one is this process.
        return threads_of(self.account.uid) - 1

    def _spec(self) -> CommandSpec | None:
        """Read what to become; None when the runner ends without telling."""
        text = b""
        while not text.endswith(b"\n"):
            piece = os.read(self.specs, _CHUNK)
            if not piece:
                return None
            text += piece
        return _SPECS.decode(text)

    def _arrange_descriptors(self) -> None:
        """Leave standard streams, and what closes by itself when the command begins."""
        for number, descriptor in enumerate(self.streams):
            os.dup2(descriptor, number)
        first, second = sorted((self.specs, self.report))
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


# This one and the init process.
_OWN_PROCESSES = 2
# Others of the same user may come between now and the command.
_SPARE_PROCESSES = 64


class PreparedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """An init process and one that waits for its specification.

    Descriptors: `init_pidfd` becomes readable when the init process and, in a namespace, everything
    else has ended; the specification is written to `specs`, and what a program is told to `stdin`;
    the others are read from.
    """

    init: int
    init_pidfd: int
    specs: int
    stdin: int
    stdout: int
    stderr: int
    report: int


def prepare_command(context: ExecutionContext) -> PreparedCommand:
    """Prepare for one command; to be done once in a process.

    Raises:
        OSError: the kernel refuses what was permitted before.
    """
    account, namespace = context.account, context.isolation != "none"
    counted = _OWN_PROCESSES
    if context.isolation == "namespaces":
        counted += threads_of(account.uid) + _SPARE_PROCESSES
    if namespace:
        parent = os.getppid()
        account = enter(context.isolation, account, context.hidden)
        # Again: a change of user undoes it.
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    else:
        adopt_descendants()
    stdin, stdout, stderr, report, specs = (os.pipe() for _ in range(5))
    own = (stdin[1], stdout[0], stderr[0], report[0], specs[1])
    launcher = CommandProcess(
        context=context,
        account=account,
        streams=(stdin[0], stdout[1], stderr[1]),
        specs=specs[0],
        report=report[1],
        user_processes=counted,
    )
    init = start_init_process(report[1], launcher.run, own, namespace=namespace)
    for descriptor in (stdin[0], stdout[1], stderr[1], report[1], specs[0]):
        os.close(descriptor)
    for descriptor in (stdin[1], stdout[0], stderr[0], report[0]):
        os.set_blocking(descriptor, False)
    return PreparedCommand(
        init=init,
        init_pidfd=os.pidfd_open(init),
        specs=specs[1],
        stdin=stdin[1],
        stdout=stdout[0],
        stderr=stderr[0],
        report=report[0],
    )
