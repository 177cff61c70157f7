"""A converter for `run_confined` that does what it is told, also what hostile bytes would do."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time

# Opened before everything is given up.
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USERS, _IO_URING_SETUP = 0x1000_0000, 425


def prepare() -> None:
    """Load nothing."""


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Do what the first argument says."""
    if arguments[0] == "reverse":
        return data[::-1]
    if arguments[0] == "memory":
        return b"x" * (8 << 30)
    if arguments[0] == "flood":
        return b"x" * 1_000_000
    if arguments[0] == "hang":
        time.sleep(600)
    if arguments[0] == "spin":
        while True:
            pass
    try:
        _reach_out(arguments[0])
    except OSError as error:
        return (error.strerror or "").encode()
    return b"done"


def _reach_out(what: str) -> None:
    if what == "open":
        os.open("/etc/passwd", os.O_RDONLY)
    elif what == "write":
        os.open("/tmp/confined", os.O_WRONLY | os.O_CREAT)
    elif what == "unix":
        socket.socket(socket.AF_UNIX)
    elif what == "internet":
        socket.socket(socket.AF_INET)
    elif what == "start":
        subprocess.run([sys.executable, "-c", ""], check=False)
    elif what == "fork":
        os.fork()
    elif what == "kill":
        os.kill(os.getppid(), 0)
    elif what == "vsock":
        socket.socket(socket.AF_VSOCK)
    elif what == "namespace":
        _checked(_LIBC.unshare(_NEW_USERS))
    elif what == "io_uring":
        _checked(_LIBC.syscall(_IO_URING_SETUP, 4, None))


def _checked(returned: int) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
