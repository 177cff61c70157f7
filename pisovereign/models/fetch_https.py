"""Fetching a pinned file over HTTPS, resuming an earlier attempt."""

from __future__ import annotations

import asyncio
import re

import aiohttp

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.manifest import HttpsSource
from pisovereign.models.partial_file import PartialFile, in_thread

_PIECE = 1 << 18
_CONNECT_S = 30.0
_SILENCE_S = 60.0
_ATTEMPTS = 4  # in a row that bring nothing new
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


async def fetch_https(source: HttpsSource, part: PartialFile, *, pause_s: float = 1.0) -> None:
    """Leave the whole, verified file in `part`; what it already holds is not fetched again.

    A cut connection is resumed; after four attempts in a row without a new byte it gives up,
    waiting `pause_s` seconds after the first and twice as long after each further one. Raises
    DownloadFailed, or WrongContent for another checksum or size; the wrong part is then deleted.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        inherited = part.held > 0
        await _complete(session, source, part, pause_s)
        if await in_thread(part.is_right):
            return
        if inherited:
            # The bad bytes may be those of an earlier run: once more, from the start.
            await _complete(session, source, part, pause_s)
            if await in_thread(part.is_right):
                return
    raise WrongContent("another file than expected: the checksum differs")


async def _complete(
    session: aiohttp.ClientSession, source: HttpsSource, part: PartialFile, pause_s: float
) -> None:
    """Attempt until all bytes are there."""
    fruitless = 0
    while not part.whole:
        before = part.held
        try:
            await _attempt(session, source, part)
        except (aiohttp.ClientError, TimeoutError, _Again) as error:
            fruitless = 0 if part.held > before else fruitless + 1
            if fruitless >= _ATTEMPTS:
                raise DownloadFailed(str(error) or "no answer in time") from error
            await asyncio.sleep(pause_s * 2 ** max(0, fruitless - 1))


class _Again(Exception):
    """An answer that another attempt may improve."""


async def _attempt(session: aiohttp.ClientSession, source: HttpsSource, part: PartialFile) -> None:
    """Make one request and append what it brings."""
    held = part.held
    # A compressed answer would make byte positions meaningless.
    headers = {"Accept-Encoding": "identity"}
    if held:
        headers["Range"] = f"bytes={held}-"
    async with session.get(source.url, headers=headers) as response:
        with part.writing_from(_start(response, part)) as out:
            async for piece in response.content.iter_chunked(_PIECE):
                out.write(piece)
    if not part.whole:
        raise _Again("the connection ended early")


def _start(response: aiohttp.ClientResponse, part: PartialFile) -> int:
    """Return the position in the file at which the answer begins."""
    if response.status == 200:
        return 0  # the server does not do ranges
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match and int(match[2]) != part.file.size:
            raise WrongContent(f"{match[2]} bytes instead of {part.file.size}")
        if match and int(match[1]) == part.held:
            return part.held
        raise DownloadFailed("the server sent a range that was not asked for")
    if response.status in _RETRIED:
        raise _Again(f"HTTP {response.status}")
    raise DownloadFailed(f"HTTP {response.status}")
