"""A command reaches the network only when it may."""

from __future__ import annotations

import json
import socket

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


def test_io_uring_makes_no_sockets_either(runner: Runner) -> None:
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(256)
print(libc.syscall(425, 4, room), os.strerror(ctypes.get_errno()))
"""
    shown = runner.python(code).stdout
    assert shown == "-1 Address family not supported by protocol\n"
