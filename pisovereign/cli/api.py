"""Talk to the running server: its address, its key, and requests."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pisovereign.cli.http_client import READ_S, Response, Session
from pisovereign.cli.output import KeyRefused, NotOnServer
from pisovereign.errors import StartError

_KINDS = {401: KeyRefused, 403: KeyRefused, 404: NotOnServer}


def add_url_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the server."""
    parser.add_argument("--url", help="address of the server (default: the configured one)")


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """Add options for the server and its key file; a key itself is never an argument."""
    add_url_option(parser)
    parser.add_argument("--key-file", type=Path, help="file that holds the API key")


def read_key(args: argparse.Namespace) -> str:
    """Return the API key: of the environment, `--key-file`, the data folder, else a prompt.

    Raises:
        KeyRefused: There is none, or it cannot be a key.
    """
    key = _find_key(args)
    if not key.isprintable():
        raise KeyRefused("that is no API key: a key is one line of printable characters")
    return key


def key_is_known(args: argparse.Namespace) -> bool:
    """Return whether there is a key that nobody has to be asked for."""
    if os.environ.get("PISOVEREIGN_API_KEY", "").strip():
        return True
    named = args.key_file or os.environ.get("PISOVEREIGN_API_KEY_FILE")
    return os.access(named or _owner_key_file(), os.R_OK)


def _owner_key_file() -> Path:
    # Imported here, as the settings below: who names server and key needs no configuration.
    from pisovereign.api_keys import owner_key_file  # noqa: PLC0415
    from pisovereign.config.loading import data_dir  # noqa: PLC0415

    return owner_key_file(data_dir())


def _find_key(args: argparse.Namespace) -> str:
    if key := os.environ.get("PISOVEREIGN_API_KEY", "").strip():
        return key
    named = args.key_file or os.environ.get("PISOVEREIGN_API_KEY_FILE")
    path = Path(named) if named else _owner_key_file()
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise KeyRefused(f"{path}: not text; no API key to use") from None
    except OSError as error:
        if named or not sys.stdin.isatty():
            raise KeyRefused(f"{path}: {error.strerror}; no API key to use") from None
    return getpass.getpass("API key: ").strip()


def server_url(args: argparse.Namespace) -> str:
    """Return the URL of the server without a trailing slash.

    Raises:
        StartError: It is not a URL of a server.
    """
    url = str(args.url or os.environ.get("PISOVEREIGN_URL") or _configured_url()).rstrip("/")
    if not _is_origin(url):
        raise StartError(f"{url!r} is not an address such as http://pisovereign.local")
    return url


def _configured_url() -> str:
    from pisovereign.connectors.configuration import load_config  # noqa: PLC0415
    from pisovereign.supervisor.banner import base_url  # noqa: PLC0415

    return base_url(load_config())


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        right = parts.port is None or parts.port > 0
    except ValueError:
        return False
    extra = parts.path or parts.query or parts.fragment
    return right and parts.scheme in ("http", "https") and bool(parts.hostname) and not extra


def open_session(
    args: argparse.Namespace, *, with_key: bool = True, read_s: float = READ_S
) -> Session:
    """Return a session with the server that has the key in its headers.

    Args:
        args: The options of the command line.
        with_key: Whether a key is needed.
        read_s: The longest pause between two parts of an answer, in seconds.

    Raises:
        StartError: There is no key, or the address is none.
    """
    url = server_url(args)
    headers = {"Authorization": f"Bearer {read_key(args)}"} if with_key else {}
    return Session(url, headers, read_s)


def request(session: Session, method: str, path: str, **options: Any) -> bytes:
    """Send one request, and return the body of the response.

    Raises:
        StartError: The server does not answer, or refuses the request.
    """
    with session.open(method, path, **options) as response:
        if response.status >= 300:
            raise error_of(response)
        return response.read()


def error_of(response: Response) -> StartError:
    """Return the error in a response, as one line."""
    kind = _KINDS.get(response.status, StartError)
    try:
        error: dict[str, Any] = msgspec.json.decode(response.read())["error"]
        fields = error.get("details", {}).get("fields", [])
        named = "; ".join(f"{f['field']} {f['error']}" for f in fields)
        return kind(named or str(error["message"]))
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
        return kind(f"the server answered {response.status}")
