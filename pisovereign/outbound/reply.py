"""The reply to a request: read within limits, with the failures of the connection as our errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

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


async def read_reply(response: aiohttp.ClientResponse, target: Target, limit: int) -> Reply:
    """Read an answer of at most `limit` bytes.

    Raises:
        AnswerRefused: it redirects, is compressed, or too large.
    """
    if 300 <= response.status < 400:
        raise AnswerRefused(f"{target.host} redirects elsewhere, which is not followed")
    if response.headers.get("Content-Encoding", "").lower() not in _PLAIN:
        raise AnswerRefused(f"{target.host} sends a compressed answer that nobody asked for")
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > limit:
            raise AnswerRefused(f"The answer of {target.host} is too large")
    return Reply(response.status, response.headers, bytes(body))


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
