"""Going on with a download that is cut, and giving up when nothing more comes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import aiohttp

from pisovereign.models.errors import DownloadFailed
from pisovereign.models.partial_file import PartialFile

PIECE = 1 << 18
ATTEMPTS = 4  # in a row that bring nothing new
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30.0, sock_read=60.0)
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class Again(Exception):
    """An answer that another attempt may improve."""


async def fill(
    part: PartialFile, size: int, attempt: Callable[[], Awaitable[None]], pause_s: float
) -> None:
    """Attempt until a file holds so many bytes.

    After four attempts in a row without a new byte it gives up, waiting `pause_s` seconds after the
    first and twice as long after each further one.

    Args:
        part: the file.
        size: bytes that it is to hold.
        attempt: makes a request, and appends what it brings.
        pause_s: the first pause.

    Raises:
        DownloadFailed: the server stops to deliver; whatever else an attempt raises.
    """
    fruitless = 0
    while (before := part.held) < size:
        try:
            await attempt()
        except (aiohttp.ClientError, TimeoutError, Again) as error:
            fruitless = 0 if part.held > before else fruitless + 1
            if fruitless >= ATTEMPTS:
                raise DownloadFailed(str(error) or "no answer in time") from error
            await asyncio.sleep(pause_s * 2 ** max(0, fruitless - 1))
