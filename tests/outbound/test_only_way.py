"""Nothing but `pisovereign/outbound/` may connect to other machines.

Each exception is a line here with its reason. A module that imports a library which can open
connections, or calls the event loop's own functions for that, must be on the list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pisovereign

ROOT = Path(pisovereign.__file__).parent

# What can open a connection, by the name that is imported.
CONNECTS = frozenset(
    {
        "aiohttp", "aioimaplib", "aiosmtplib", "asyncssh", "boto3", "botocore", "caldav",
        "curl_cffi", "dbus_fast", "dns", "dnspython", "ftplib", "geopy", "grpc", "h11", "h2",
        "http.client", "httplib2", "httpx", "httpx2", "imap_tools", "imapclient", "imaplib",
        "niquests", "nntplib", "openmeteo_requests", "paramiko", "poplib", "pycurl",
        "requests", "smtplib", "socket", "socks", "ssl", "telnetlib", "telnetlib3", "treq",
        "twisted", "urllib.request", "urllib3", "urllib3_future", "websocket", "websockets",
        "xmlrpc", "xmlrpc.client", "yt_dlp", "zmq", "_socket", "asyncio.streams",
        "multiprocessing.connection", "psycopg_pool",
    }
)  # fmt: skip
# Functions of asyncio and its loops that open one without any import.
CALLS = frozenset(
    {
        "open_connection", "create_connection", "create_datagram_endpoint", "sock_connect",
        "sock_sendto", "open_unix_connection", "create_unix_connection", "getaddrinfo",
        "urlopen", "urlretrieve",
        "psycopg.connect", "psycopg.Connection.connect", "psycopg.AsyncConnection.connect",
    }
)  # fmt: skip
# Programs that would do it instead.
PROGRAMS = frozenset(
    {
        "curl", "wget", "nc", "ncat", "netcat", "socat", "ssh", "scp", "telnet", "ftp",
        "openssl",
    }
)  # fmt: skip

ALLOWED: dict[str, str] = {
    "connectors/avahi.py": "asks Avahi on this machine, over the system's D-Bus",
    "connectors/email/server.py": "takes its sockets from the gate, and adds TLS; words errors",
    "connectors/email/imap.py": "IMAP over those sockets",
    "connectors/email/mailbox.py": "names of folders; asks over those connections",
    "connectors/email/smtp.py": "SMTP over those sockets",
    "connectors/mcp/http_transport.py": "hands each request of the SDK's to outbound/client.py",
    "connectors/mcp/opening.py": "the SDK's client, on that transport alone",
    "process/command_filter.py": "constants for the filter that forbids connections",
    "process/syscalls.py": "constants for the filter that forbids connections",
    "outbound/client.py": "the HTTP client itself",
    "outbound/websocket.py": "WebSockets through the gate",
    "outbound/reach.py": "connects through the gate to tell people whether it can",
    "outbound/reply.py": "the answers and errors of that client",
    "outbound/outbound.py": "hands out such connections",
    "outbound/gate.py": "resolves names, judges addresses, connects to these alone",
    "outbound/tcp.py": "connects to judged addresses, for protocols that are not HTTP",
    "outbound/tls.py": "the verified TLS context of all connections",
    "engine_client/client.py": "a UNIX socket of our own process; connections of "
    "outbound/gate.py to the server that inference.base_url names",
    "engine/process.py": "tells the supervisor's pipe that it is ready; listens, never connects",
    "storage/pool.py": "PostgreSQL: the embedded one's UNIX socket, or the server of database.url",
    "storage/migrate.py": "PostgreSQL, as above",
    "storage/embedded/ping.py": "the UNIX socket of the embedded PostgreSQL",
    "storage/embedded/cluster.py": "PostgreSQL, as above",
    "appliance/database.py": "PostgreSQL, as above",
    "backup/dump.py": "PostgreSQL, as above",
    "updates/database.py": "PostgreSQL, as above",
    "updates/program.py": "answers on the UNIX socket that systemd passes",
    "updates/trial.py": "asks the program on this machine whether it works",
    "backup/load.py": "PostgreSQL, as above",
    "events/notify_listener.py": "PostgreSQL, as above",
    "assembly/accounts.py": "this machine's own name, and its interfaces; opens none",
    "http/allowed_hosts.py": "this machine's own name; opens none",
    "http/protocol.py": "how much the kernel keeps of connections that came; opens none",
    "http/serving.py": "listens, with TLS on one of its sockets",
    "tls/certificates.py": "the TLS context of what listens",
    "tls/names.py": "this machine's own name and addresses; sends nothing, see the test below",
    "supervisor/banner.py": "this machine's own name; opens none",
    "supervisor/control_socket.py": "listens on the UNIX socket for a new start",
    "supervisor/sign_in_link.py": "asks our own server for a link, without a proxy",
    "setup/console.py": "asks the program on this machine whether it is ready, without a proxy",
    "setup/server.py": "takes the listening sockets that systemd passes",
    "process/notify.py": "tells systemd's socket on this machine that the program is ready",
    "process/unix_socket.py": "listens on the engine's UNIX socket",
    "connectors/calendar/address_books.py": "errors of that library; asks over its connection",
    "connectors/calendar/client.py": "the CalDAV library, on a session that the gate made",
    "connectors/blocking.py": "cuts connections that the gate made; opens none",
    "connectors/calendar/objects.py": "questions to that library's connection",
    "connectors/calendar/session.py": "takes its connections from the gate alone",
    # A whole folder.
    "runner/": "UNIX sockets between the runner and its clients; see the test below",
    "models/http_retries.py": "errors and pauses of the two below; opens none",
    "models/web.py": "addresses that people give: resolved, judged and connected to by the gate",
    "models/fetch_https.py": "models: fixed addresses of the manifest, checked by SHA-256",
    "cli/http_client.py": "the command line talks to our own server",
    "appliance/engine.py": "passes the engine's signs of life on to systemd's UNIX socket",
    "process/line_socket.py": "UNIX sockets of our own processes; see the test below",
    "supervisor/engine_keeper.py": "hands its own listening UNIX sockets to the engines",
    "supervisor/engine_process.py": "the same",
    "supervisor/next_socket.py": "listens on the next engine's UNIX socket",
    "supervisor/switch_socket.py": "listens on the keeper's UNIX socket",
    "supervisor/ports.py": "binds the ports that the API answers on",
    "supervisor/installation.py": "hands them to the API",
    "process/child_signals.py": "a pair of sockets of its own, which a signal wakes it by",
    "supervisor/readiness.py": "asks our own server on loopback whether it is ready",
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in {"__import__", "import_module"}:
            yield from (str(a.value) for a in node.args if isinstance(a, ast.Constant))


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.AST) -> str:
    """The whole name, such as `psycopg.connect`; only its end where it is no name as a whole."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return _name(node)


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: i + 1]) for i in range(len(parts)))


def ways_out(source: str) -> set[str]:
    """What in this module could open a connection."""
    tree = ast.parse(source)
    found = {p for name in imported(tree) for p in _prefixes(name) if p in CONNECTS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= {_name(node.func), _dotted(node.func)} & CALLS
        if isinstance(node, ast.List | ast.Tuple) and node.elts:
            first = node.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found |= {Path(first.value).name} & PROGRAMS
    return found


def _explained(name: str) -> bool:
    return name in ALLOWED or f"{name.partition('/')[0]}/" in ALLOWED


@cache
def modules() -> dict[str, set[str]]:
    return {
        str(path.relative_to(ROOT)): found
        for path in sorted(ROOT.rglob("*.py"))
        if (found := ways_out(path.read_text(encoding="utf-8")))
    }


def test_nothing_else_connects() -> None:
    unexplained = {name: found for name, found in modules().items() if not _explained(name)}
    assert not unexplained, (
        "these can open connections of their own; use pisovereign/outbound/ "
        f"(or explain them in {Path(__file__).name}): {unexplained}"
    )


def test_no_exception_is_left_over() -> None:
    folders = {f"{name.partition('/')[0]}/" for name in modules()}
    assert set(ALLOWED) - set(modules()) - folders == set()
    assert all(reason for reason in ALLOWED.values())


def test_the_runner_has_unix_sockets_only() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "runner").rglob("*.py")}
    assert sources
    for path, source in sources.items():
        assert ways_out(source) <= {"socket", "open_unix_connection"}, path
        names = _names(source)
        assert not {"AF_INET", "AF_INET6", "create_connection", "create_server"} & names, path


def test_lines_are_exchanged_over_unix_sockets_only() -> None:
    source = (ROOT / "process/line_socket.py").read_text(encoding="utf-8")
    assert ways_out(source) == {"socket", "open_unix_connection"}
    assert not {"AF_INET", "AF_INET6", "connect", "create_server"} & _names(source)


def test_the_search_for_own_addresses_sends_nothing() -> None:
    names = _names((ROOT / "tls/names.py").read_text(encoding="utf-8"))
    assert "SOCK_DGRAM" in names
    assert not {"SOCK_STREAM", "SOCK_RAW", "send", "sendall", "sendto", "sendmsg"} & names


def _names(source: str) -> set[str]:
    return {_name(node) for node in ast.walk(ast.parse(source))}


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "import socket as s",
        "from urllib import request",
        "from urllib.request import urlopen as o",
        "import urllib3.util",
        "from aiohttp import ClientSession",
        "def f():\n    import requests",
        "import asyncio\nasync def f():\n    await asyncio.open_connection('h', 1)",
        "async def f(loop):\n    await loop.create_connection(None, 'h', 1)",
        "__import__('socket')",
        "import importlib\nimportlib.import_module('http.client')",
        "import subprocess\nsubprocess.run(['/usr/bin/curl', 'x'])",
        "from smtplib import SMTP",
    ],
)
def test_the_test_sees_it(source: str) -> None:
    assert ways_out(source)


def test_the_test_lets_other_things_be() -> None:
    assert not ways_out("import urllib.parse, http\nfrom asyncio import Queue\nx = ['curling']")
