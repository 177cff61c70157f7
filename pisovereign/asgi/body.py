"""Request bodies: bounded in size and time, decoded strictly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TypeVar

import falcon
import falcon.asgi
import msgspec

from pisovereign.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from pisovereign.validation import validate

S = TypeVar("S", bound=msgspec.Struct)
_HALF = "a text in it has half of a surrogate pair, which is no character"


class BodyLimit:
    """Middleware that refuses a body by its declared size before anything else is done for it."""

    def __init__(self, limit_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        """Take the limit in bytes, and larger ones for some paths."""
        self._limit = limit_bytes
        self._larger = larger or {}

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check `Content-Length` and `Content-Encoding`."""
        limit = self._larger.get(req.path, self._limit)
        if (req.content_length or 0) > limit:
            raise PayloadTooLarge(f"The request body is larger than {limit} bytes")
        if (req.get_header("Content-Encoding") or "identity") != "identity":
            raise UnsupportedMediaType("Compressed request bodies are not supported")


class BodyReader:
    """Reads a JSON body into a struct, within a size and a time limit."""

    def __init__(self, limit_bytes: int, timeout_s: float) -> None:
        self._limit = limit_bytes
        self._timeout = timeout_s

    async def read(
        self,
        req: falcon.asgi.Request,
        struct: type[S],
        *,
        ignore_unknown: bool = False,
        any_type: bool = False,
    ) -> S:
        """Return the validated body; with `ignore_unknown`, other fields are no errors.

        With `any_type`, it is JSON whatever its `Content-Type` says.

        Raises:
            BadRequest: Not JSON, or it did not arrive in time.
            PayloadTooLarge: A chunked body that exceeds the limit.
            ValidationFailed: JSON that breaks a rule of `struct`.
        """
        if not any_type:
            _check_type(req)
        body = decode_json(await self.read_bytes(req))
        return validate(body, struct, ignore_unknown=ignore_unknown)

    async def read_optional(self, req: falcon.asgi.Request, struct: type[S]) -> S:
        """Return the validated body; an empty one, of whatever type, is an empty object.

        Raises:
            BadRequest, PayloadTooLarge, ValidationFailed: as `read`.
        """
        body = await self.read_bytes(req)
        if not body:
            return validate({}, struct)
        _check_type(req)
        return validate(decode_json(body), struct)

    async def read_bytes(self, req: falcon.asgi.Request) -> bytes:
        """Return the body as it was sent, whatever it is.

        Raises:
            BadRequest: It did not arrive in time.
            PayloadTooLarge: A chunked body that exceeds the limit.
        """
        try:
            async with asyncio.timeout(self._timeout):
                body = await req.stream.read(self._limit + 1)
        except TimeoutError:
            raise BadRequest(
                f"The request body did not arrive within {self._timeout:g} seconds"
            ) from None
        if len(body) > self._limit:
            raise PayloadTooLarge(f"The request body is larger than {self._limit} bytes")
        return body


def _check_type(req: falcon.asgi.Request) -> None:
    media_type, _ = falcon.parse_header(req.content_type or "")
    if media_type.lower() != "application/json":
        raise BadRequest("The Content-Type must be application/json")


def decode_json(body: bytes) -> object:
    """Decode JSON text.

    Raises:
        BadRequest: With the position of the fault, if it is known, never the text around it.
        ValidationFailed: A number beyond the range of a double.
    """
    try:
        decoded: object = msgspec.json.decode(body)
        # Of a name that comes twice each reader takes another one: what was looked at, by a proxy
        # or a person, need not be what is done.
        json.loads(body, object_pairs_hook=_distinct, parse_int=len, parse_float=len)
    except _Twice as error:
        raise BadRequest(f"The request body has a name twice in one object: {error}") from None
    except UnicodeDecodeError as error:
        raise BadRequest(f"The request body is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise BadRequest("The request body is nested too deeply") from None
    except msgspec.ValidationError:
        # Well-formed, but with a number beyond what any field takes.
        raise ValidationFailed([{"field": "body", "error": "has a number out of range"}]) from None
    except msgspec.MsgspecError as error:
        fault = _HALF if _is_whole(body) else str(error)
        raise BadRequest(f"The request body is not valid JSON: {fault}") from None
    return decoded


class _Twice(Exception):
    """A name that stands twice in an object; its text is a short form of it."""


def _distinct(pairs: list[tuple[str, object]]) -> None:
    """Read an object, of which nothing is kept.

    Raises:
        _Twice: Two of its members have one name.
    """
    if len(dict(pairs)) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(ascii(name[:40]))
            seen.add(name)


def _is_whole(body: bytes) -> bool:
    """Return whether JSON that cannot be decoded has its form all the same.

    Of half a surrogate pair at the end of a text msgspec says that the body was truncated. The
    standard library lets such halves pass, and is as strict in everything else but NaN.
    """
    try:
        json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> object:
    raise ValueError(constant)
