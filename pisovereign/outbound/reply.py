"""The reply to a request: read within limits, with the failures of the connection as our errors."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping

import aiohttp
import msgspec

from pisovereign.errors import AnswerRefused, HostFailed, HostUnreached, Refused
from pisovereign.net.hosts import Target

_PLAIN = ("", "identity")


class Reply(msgspec.Struct, frozen=True):
    """The answer of a server, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def read_reply(
    response: aiohttp.ClientResponse, target: Target, limit: int, *, show_redirect: bool = False
) -> Reply:
    """Read an answer of at most `limit` bytes; with `show_redirect` a redirect without its body.

    Raises:
        AnswerRefused: it redirects, is compressed, or too large.
    """
    if show_redirect and 300 <= response.status < 400:
        return Reply(response.status, response.headers, b"")
    _require_plain(response, target)
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > limit:
            raise AnswerRefused(f"The answer of {target.host} is too large")
    return Reply(response.status, response.headers, bytes(body))


def _require_plain(response: aiohttp.ClientResponse, target: Target) -> None:
    if 300 <= response.status < 400:
        raise AnswerRefused(f"{target.host} redirects elsewhere, which is not followed")
    if response.headers.get("Content-Encoding", "").lower() not in _PLAIN:
        raise AnswerRefused(f"{target.host} sends a compressed answer that nobody asked for")


class StreamedReply:
    """The answer of a server, whose body is read as it comes.

    Args:
        response: The answer, of which nothing was read.
        target: Who gives it.
        limit: How many bytes of it are read.

    Raises:
        AnswerRefused: It redirects, or is compressed.
    """

    def __init__(self, response: aiohttp.ClientResponse, target: Target, limit: int) -> None:
        _require_plain(response, target)
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._target = target
        self._limit = limit

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the body in the parts in which it comes.

        Raises:
            AnswerRefused: It is too large.
            HostFailed: It ends too early, or does not come in time.
        """
        seen = 0
        with translated(self._target):
            async for part in self._response.content.iter_any():
                seen += len(part)
                if seen > self._limit:
                    raise AnswerRefused(f"The answer of {self._target.host} is too large")
                yield part


@contextlib.contextmanager
def translated(target: Target) -> Iterator[None]:
    """Turn the HTTP library's errors inside the block into ours."""
    host = target.host
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise HostUnreached(f"{host}:{target.port} cannot be reached in time") from None
    except TimeoutError:
        raise HostFailed(f"{host} does not answer in time") from None
    except aiohttp.ClientConnectorCertificateError:
        raise Refused(
            f"The certificate of {host} is not valid; outbound.ca_file names a private authority"
        ) from None
    except aiohttp.ClientSSLError:
        raise HostUnreached(f"{host}:{target.port} does not speak TLS as expected") from None
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError):
        raise HostFailed(f"{host} stopped in the middle of its answer") from None
    except aiohttp.ClientConnectorError:
        raise HostUnreached(f"{host}:{target.port} cannot be reached") from None
    except aiohttp.ClientConnectionError:
        raise HostFailed(f"{host}:{target.port} cut the connection") from None
    except aiohttp.ClientError:
        raise HostFailed(f"{host} does not speak HTTP") from None
