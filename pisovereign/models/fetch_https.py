"""Fetching a pinned file over HTTPS, resuming an earlier attempt."""

from __future__ import annotations

import aiohttp

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.http_retries import PIECE, RANGE, RETRIED, TIMEOUT, Again, fill
from pisovereign.models.manifest import HttpsSource
from pisovereign.models.partial_file import PartialFile, in_thread


async def fetch_https(source: HttpsSource, part: PartialFile, *, pause_s: float = 1.0) -> None:
    """Leave the whole, verified file in `part`; what it already holds is not fetched again.

    A cut connection is resumed, as `fill` says. Raises DownloadFailed, or WrongContent for another
    checksum or size; the wrong part is then deleted.
    """
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session:

        async def attempt() -> None:
            await _attempt(session, source, part)

        inherited = part.held > 0
        await fill(part, part.file.size, attempt, pause_s)
        if await in_thread(part.is_right):
            return
        if inherited:
            # The bad bytes may be those of an earlier run: once more, from the start.
            await fill(part, part.file.size, attempt, pause_s)
            if await in_thread(part.is_right):
                return
    raise WrongContent("another file than expected: the checksum differs")


async def _attempt(session: aiohttp.ClientSession, source: HttpsSource, part: PartialFile) -> None:
    """Make one request and append what it brings."""
    held = part.held
    # A compressed answer would make byte positions meaningless.
    headers = {"Accept-Encoding": "identity"}
    if held:
        headers["Range"] = f"bytes={held}-"
    async with session.get(source.url, headers=headers) as response:
        with part.writing_from(_start(response, part)) as out:
            async for piece in response.content.iter_chunked(PIECE):
                out.write(piece)
    if not part.whole:
        raise Again("the connection ended early")


def _start(response: aiohttp.ClientResponse, part: PartialFile) -> int:
    """Return the position in the file at which the answer begins."""
    if response.status == 200:
        return 0  # the server does not do ranges
    if response.status == 206:
        match = RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match and int(match[2]) != part.file.size:
            raise WrongContent(f"{match[2]} bytes instead of {part.file.size}")
        if match and int(match[1]) == part.held:
            return part.held
        raise DownloadFailed("the server sent a range that was not asked for")
    if response.status in RETRIED:
        raise Again(f"HTTP {response.status}")
    raise DownloadFailed(f"HTTP {response.status}")
