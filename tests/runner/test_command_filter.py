"""A command reaches the network only when it may, and makes no namespaces of its own."""

from __future__ import annotations

import json
import socket

import pytest

from tests.runner.conftest import Runner

TRY = """
import json, socket, sys
def attempt(family, kind=socket.SOCK_STREAM):
    try:
        return socket.socket(family, kind)
    except OSError as error:
        return error.strerror
kinds = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "netlink": socket.AF_NETLINK,
         "packet": socket.AF_PACKET, "unix": socket.AF_UNIX, "vsock": socket.AF_VSOCK}
made = {name: attempt(family) for name, family in kinds.items()}
reached = None
if isinstance(made["inet"], socket.socket):
    try:
        made["inet"].connect(("127.0.0.1", int(sys.argv[1])))
        reached = True
    except OSError as error:
        reached = error.strerror
shown = {name: made[name] if isinstance(made[name], str) else "made" for name in made}
print(json.dumps({"made": shown, "reached": reached}))
"""


def test_without_permission_no_socket_but_a_unix_one_is_made(runner: Runner) -> None:
    shown = json.loads(runner.python(TRY, "1").stdout)
    refused = "Address family not supported by protocol"
    assert shown["made"] == {
        **dict.fromkeys(("inet", "inet6", "netlink", "packet", "vsock"), refused),
        "unix": "made",
    }


def test_with_permission_the_network_is_there(runner: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        shown = json.loads(runner.python(TRY, str(port), network=True).stdout)
        assert shown["reached"] is True


def test_what_it_starts_inherits_the_filter(runner: Runner) -> None:
    code = """
import subprocess, sys
inner = "import socket; socket.socket(socket.AF_INET)"
print(subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True).stderr[-60:])
"""
    assert "Address family not supported" in runner.python(code).stdout


# What a command could come by more rights or past a filter with; each is tried in a new process.
ESCAPES = """
import ctypes, errno, json, os, platform, socket, struct, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
NEW = {"mounts": 0x20000, "cgroups": 0x2000000, "names": 0x4000000, "ipc": 0x8000000,
       "users": 0x10000000, "processes": 0x20000000, "networks": 0x40000000}
CLONE = 56 if platform.machine() == "x86_64" else 220
def called(number, *values):
    ctypes.set_errno(0)
    done = libc.syscall(ctypes.c_long(number), *values)
    if done == 0 and number in (CLONE, 435):
        os._exit(0)  # the new process
    return "done" if done >= 0 else errno.errorcode[ctypes.get_errno()]
def unshared(flags):
    return "done" if libc.unshare(flags) == 0 else errno.errorcode[ctypes.get_errno()]
def vsock():
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
longs = lambda *values: [ctypes.c_ulong(value) for value in values]
with open("/proc/self/ns/user") as own:
    tried = {
        "setns": "done" if libc.setns(own.fileno(), 0) == 0 else errno.errorcode[ctypes.get_errno()]
    }
arguments = struct.pack("8Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0)
tried |= {
    "clone3": called(435, arguments, *longs(64)),
    "io_uring_setup": called(425, *longs(4), ctypes.create_string_buffer(256)),
    "io_uring_enter": called(426, *longs(0, 0, 0, 0, 0, 0)),
    "io_uring_register": called(427, *longs(0, 0, 0, 0)),
    "vsock": vsock(),
}
for name, flag in NEW.items():
    tried[f"clone {name}"] = called(CLONE, *longs(flag | 17, 0, 0, 0, 0))
tried |= {f"unshare {name}": unshared(flag) for name, flag in (NEW | {"times": 0x80}).items()}
# What programs do all the time still works.
tried["thread"] = subprocess.run(
    [sys.executable, "-c", "import threading; t = threading.Thread(target=print, args=('ran',));"
     "t.start(); t.join()"], capture_output=True, text=True).stdout.strip()
print(json.dumps(tried))
"""


@pytest.mark.parametrize("network", [False, True])
def test_nothing_leads_out_of_the_sandbox(runner: Runner, *, network: bool) -> None:
    done = runner.python(ESCAPES, network=network)
    tried = json.loads(done.stdout)
    assert tried.pop("thread") == "ran"
    kinds = ("mounts", "cgroups", "names", "ipc", "users", "processes", "networks")
    assert tried == {
        "setns": "EPERM",
        **dict.fromkeys(("clone3", "io_uring_setup", "io_uring_enter"), "ENOSYS"),
        "io_uring_register": "ENOSYS",
        "vsock": "EAFNOSUPPORT",
        **dict.fromkeys((f"clone {kind}" for kind in kinds), "EPERM"),
        **dict.fromkeys((f"unshare {kind}" for kind in (*kinds, "times")), "EPERM"),
    }
