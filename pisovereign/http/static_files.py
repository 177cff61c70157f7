"""The pages that people open: files of ours, and nothing from elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.metadata import distribution
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from falcon.asgi import Request, Response

_FOLDER = resources.files("pisovereign")
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}
_COMPRESSED_TYPES = ("image/png",)
# A frame's worth: below, compression saves no packet.
_WORTH_COMPRESSING = 1400
# Nothing may be loaded from elsewhere, and no other page may show ours in a frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; {} connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI and ReDoc set styles from scripts.
_DOCUMENT_POLICY = _POLICY.format(
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
)


class StaticFile:
    """A file that is sent for one path.

    Args:
        data: Its bytes.
        media_type: What they are.
        headers: Further headers.
    """

    def __init__(self, data: bytes, media_type: str, headers: Mapping[str, str]) -> None:
        self.data = data
        self.media_type = media_type
        self.headers = headers
        self._compressed: bytes | None = None
        self.etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'

    async def compress(self) -> bytes | None:
        """Return the same with gzip, made when it is first asked for; None: it would save nothing.

        Browsers take Brotli over TLS only, so this is what most devices at home can be sent.
        """
        if len(self.data) < _WORTH_COMPRESSING or self.media_type in _COMPRESSED_TYPES:
            return None
        if self._compressed is None:
            self._compressed = await asyncio.to_thread(gzip.compress, self.data, 9, mtime=0)
        return self._compressed


class StaticFiles:
    """A Falcon resource for files of a closed list.

    Args:
        files: By path.
    """

    def __init__(self, files: Mapping[str, StaticFile]) -> None:
        self._files = files

    async def on_get(self, req: Request, resp: Response) -> None:
        """Send the file of the route's path; that of the request may begin with further slashes."""
        assert req.uri_template is not None
        await send(self._files[req.uri_template], req, resp)


async def send(file: StaticFile, req: Request, resp: Response) -> None:
    """Send a file, compressed if the client takes that, and nothing if it has the file already."""
    resp.content_type = file.media_type
    resp.set_header("X-Content-Type-Options", "nosniff")
    for name, value in file.headers.items():
        resp.set_header(name, value)
    resp.append_header("Vary", "Accept-Encoding")
    resp.set_header("ETag", file.etag)
    if file.etag in (req.get_header("If-None-Match") or ""):
        resp.status = 304
        return
    compressed = await file.compress() if _takes_gzip(req) else None
    if compressed is not None:
        resp.set_header("Content-Encoding", "gzip")
    resp.data = compressed or file.data


def media_type(name: str) -> str:
    """Return what a file is, by its name's ending.

    Raises:
        KeyError: Files of that kind are not served.
    """
    return _MEDIA_TYPES[PurePosixPath(name).suffix]


def load_document_pages(bundles: Mapping[str, Mapping[str, str]]) -> dict[str, StaticFile]:
    """Return the pages that show the API's description, and what belongs to them, by path.

    Args:
        bundles: Of each page in `openapi/assets`, the files that offapi has of its project, by the
            name that the page gives them.
    """
    # Importing it would read all of its pages.
    package = distribution("offapi")
    found: dict[str, StaticFile] = {}
    for page, files in bundles.items():
        own = _FOLDER.joinpath("openapi", "assets", page)
        found[f"/{page}"] = _static_file(
            own.joinpath("index.html"), {"Content-Security-Policy": _DOCUMENT_POLICY}
        )
        parts = {
            name: Path(str(package.locate_file(f"offapi/{file}"))) for name, file in files.items()
        }
        for name, path in {"start.js": own.joinpath("start.js"), **parts}.items():
            found[f"/{page}/{name}"] = _static_file(path, {"Cache-Control": "max-age=3600"})
    return found


def _takes_gzip(req: Request) -> bool:
    offered = (req.get_header("Accept-Encoding") or "").replace(" ", "").lower().split(",")
    named = [each.partition(";q=") for each in offered]
    return any(name == "gzip" and weight.strip("0.") != "" for name, _, weight in named) or (
        "gzip" in offered
    )


def _static_file(path: Traversable, headers: dict[str, str]) -> StaticFile:
    return StaticFile(path.read_bytes(), media_type(path.name), headers)
