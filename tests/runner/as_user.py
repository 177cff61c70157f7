"""Start the runner as another user, or where the kernel permits no namespaces.

    python -m tests.runner.as_user UID [--no-namespaces] RUNNER-ARGUMENTS

Everything is imported first: that user may not be able to read the program's files.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys

import pisovereign.runner.main
from pisovereign.process import syscalls

UNSHARE = {"x86_64": 272, "aarch64": 97}


def forbid_namespaces() -> None:
    """Let `unshare` fail with EPERM, as a container does."""
    number = UNSHARE[platform.machine()]
    rows = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x0005_0001), (6, 0, 0, 0x7FFF_0000))
    code = b"".join(
        a.to_bytes(2, "little") + bytes((b, c)) + d.to_bytes(4, "little") for a, b, c, d in rows
    )
    room = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(
        len(rows).to_bytes(8, "little") + ctypes.addressof(room).to_bytes(8, "little")
    )
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_SECCOMP, syscalls.SECCOMP_MODE_FILTER, ctypes.addressof(program))


if __name__ == "__main__":
    uid, arguments = int(sys.argv[1]), sys.argv[2:]
    if "--no-namespaces" in arguments:
        arguments.remove("--no-namespaces")
        forbid_namespaces()
    # It imports more, and caches what it found.
    pisovereign.runner.main.parser().parse_args(arguments)
    if uid != os.getuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    sys.exit(pisovereign.runner.main.main(arguments))
