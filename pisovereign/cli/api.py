"""Talk to the running server: its address, its key, and requests."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from pisovereign.api_keys import owner_key_file
from pisovereign.cli.output import KeyRefused, NoAnswer, NotOnServer
from pisovereign.config.loading import data_dir, load_config
from pisovereign.errors import StartError
from pisovereign.supervisor.banner import base_url

_KINDS = {401: KeyRefused, 403: KeyRefused, 404: NotOnServer}
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=120)


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
    return os.access(named or owner_key_file(data_dir()), os.R_OK)


def _find_key(args: argparse.Namespace) -> str:
    if key := os.environ.get("PISOVEREIGN_API_KEY", "").strip():
        return key
    named = args.key_file or os.environ.get("PISOVEREIGN_API_KEY_FILE")
    path = Path(named) if named else owner_key_file(data_dir())
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
    url = str(args.url or os.environ.get("PISOVEREIGN_URL") or base_url(load_config())).rstrip("/")
    if not _is_origin(url):
        raise StartError(f"{url!r} is not an address such as http://pisovereign.local")
    return url


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        right = parts.port is None or parts.port > 0
    except ValueError:
        return False
    extra = parts.path or parts.query or parts.fragment
    return right and parts.scheme in ("http", "https") and bool(parts.hostname) and not extra


@asynccontextmanager
async def open_session(
    args: argparse.Namespace, *, with_key: bool = True
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session with the key in its headers; turn connection errors into one clear line."""
    url = server_url(args)
    headers = {"Authorization": f"Bearer {read_key(args)}"} if with_key else {}
    try:
        async with aiohttp.ClientSession(url, headers=headers, timeout=TIMEOUT) as session:
            yield session
    except (aiohttp.ClientError, TimeoutError) as error:
        detail = str(error) or type(error).__name__
        raise NoAnswer(f"{url} does not answer: {detail}") from None


async def request(args: argparse.Namespace, method: str, path: str, **options: Any) -> bytes:
    """Send one request, and return the body of the response.

    Raises:
        StartError: The server does not answer, or refuses the request.
    """
    async with open_session(args) as session:
        return await request_in(session, method, path, **options)


async def request_in(
    session: aiohttp.ClientSession, method: str, path: str, **options: Any
) -> bytes:
    """Do the same in an open session, for one of several requests."""
    async with session.request(method, path, **options) as response:
        if response.status >= 300:
            raise await error_of(response)
        return await response.read()


async def error_of(response: aiohttp.ClientResponse) -> StartError:
    """Return the error in a response, as one line."""
    kind = _KINDS.get(response.status, StartError)
    try:
        error: dict[str, Any] = msgspec.json.decode(await response.read())["error"]
        fields = error.get("details", {}).get("fields", [])
        named = "; ".join(f"{f['field']} {f['error']}" for f in fields)
        return kind(named or str(error["message"]))
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
        return kind(f"the server answered {response.status}")


def run_async(coroutine: Any) -> int:
    """Run a command's coroutine."""
    return int(asyncio.run(coroutine))
