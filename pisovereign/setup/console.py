"""`pisovereign-console`: show the address, the state and, during set-up, the one-time code.

The code is also shown as a QR code that a phone can open.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import psutil
import segno

from pisovereign import __version__
from pisovereign.config import Config, ServerConfig
from pisovereign.config.loading import data_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.runtime import needs_setup, setup_code_file
from pisovereign.supervisor.banner import base_url

_REFRESH_S = 2.0
_READY_TIMEOUT_S = 2.0
_CLEAR = "\x1b[2J\x1b[H"


class Screen(NamedTuple):
    """The contents of the screen; `state` completes a sentence, `code` is set only during set-up.

    `fingerprint` is that of the device's own authority, to be compared on phones that trust it.
    """

    name: str
    addresses: tuple[str, ...]
    state: str
    code: str | None
    fingerprint: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Show the screen, and show it again whenever it changes unless `--once` is given."""
    parser = argparse.ArgumentParser(prog="pisovereign-console", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--once", action="store_true", help="show it one time and end")
    once = parser.parse_args(argv).once
    shown: Screen | None = None
    try:
        while True:
            screen = current_screen(data_dir())
            if screen != shown:
                print(("" if once else _CLEAR) + render(screen), flush=True)
                shown = screen
            if once:
                return 0
            time.sleep(_REFRESH_S)
    except StartError as error:
        print(f"pisovereign-console: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def current_screen(folder: Path) -> Screen:
    """Return what to show.

    Raises:
        StartError: The configuration cannot be read.
    """
    config = load_config()
    name, *further = names(config.server)
    if needs_setup(config.setup, folder):
        code = _read_code(folder)
        state = "is waiting to be set up" if code else "is starting"
        return Screen(name, (*further, *addresses(config.server)), state, code)
    state = _state(base_url(config))
    shown = (*further, *addresses(config.server))
    return Screen(name, shown, state, None, _fingerprint(config, folder))


def names(server: ServerConfig) -> list[str]:
    """Return the URLs of the device by name."""
    own = server.names or (f"{socket.gethostname().partition('.')[0]}.local",)
    return [_url(name, server.port) for name in own]


def addresses(server: ServerConfig) -> list[str]:
    """Return the URLs of the device by IP address, as far as others can reach it."""
    if server.host not in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return [_url(server.host, server.port)]
    found: list[str] = []
    try:
        interfaces = psutil.net_if_addrs()
    except OSError:  # a service may not be allowed to ask; the name still works
        return found
    for parts in interfaces.values():
        for part in parts:
            if part.family is socket.AF_INET and not ipaddress.ip_address(part.address).is_loopback:
                found.append(_url(part.address, server.port))
    return found


def render(screen: Screen) -> str:
    """Return the screen as text."""
    lines = ["", f"  PiSovereign {screen.state}.", "", f"  Open  {screen.name}"]
    lines += [f"  or    {address}" for address in screen.addresses]
    if screen.fingerprint is not None:
        half = len(screen.fingerprint) // 2 + 1
        lines += [
            "",
            f"  Trust {screen.fingerprint[:half]}",
            f"        {screen.fingerprint[half:]}",
        ]
    if screen.code is None:
        return "\n".join([*lines, ""])
    lines += ["", f"  Code  {screen.code}", ""]
    # By address: not every phone finds names in .local. What follows # is not sent to the server.
    target = screen.addresses[-1] if screen.addresses else screen.name
    drawn = StringIO()
    segno.make(f"{target}/#code={screen.code}", error="l", micro=False).terminal(
        drawn, border=2, compact=True
    )
    return "\n".join(lines) + "\n" + drawn.getvalue()


def _url(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}" if port == 80 else f"http://{shown}:{port}"


def _fingerprint(config: Config, folder: Path) -> str | None:
    if config.tls.mode != "own-ca":
        return None
    # Few devices need it, and it is large.
    from pisovereign.tls.authority import Authority, fingerprint  # noqa: PLC0415
    from pisovereign.tls.own_certificate import authority_file  # noqa: PLC0415

    try:
        return fingerprint(Authority.load(authority_file(folder).read_bytes()).certificate)
    except (OSError, StartError):
        return None


def _read_code(folder: Path) -> str | None:
    try:
        return setup_code_file(folder).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _state(url: str) -> str:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/ready", timeout=_READY_TIMEOUT_S) as response:
            return "is ready" if json.load(response)["status"] == "ready" else "is starting"
    except urllib.error.HTTPError:
        return "is starting"
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return "is starting, or has a fault"


if __name__ == "__main__":
    sys.exit(main())
