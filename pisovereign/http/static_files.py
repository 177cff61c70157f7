"""The pages that people open: files of ours, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import PurePosixPath
from typing import NamedTuple

from falcon.asgi import Request, Response

_FOLDER = resources.files("pisovereign")
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
# Nothing may be loaded from elsewhere, and no other page may show ours in a frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; {} connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_PAGE_POLICY = _POLICY.format("style-src 'self'; img-src 'self' data:;")
# Swagger UI and ReDoc set styles from scripts.
_DOCUMENT_POLICY = _POLICY.format(
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
)


class StaticFile(NamedTuple):
    """What is sent for one path."""

    data: bytes
    media_type: str
    headers: dict[str, str]


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
        file = self._files[req.uri_template]
        resp.content_type = file.media_type
        resp.set_header("X-Content-Type-Options", "nosniff")
        for name, value in file.headers.items():
            resp.set_header(name, value)
        resp.data = file.data


def load_web_files(page: str, script: str) -> dict[str, StaticFile]:
    """Return a page at `/`, and its script and style at `/web/`, by path."""
    headers = {
        "Content-Security-Policy": _PAGE_POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    parts = (script, "style.css")
    return {
        "/": _load(f"web/{page}", headers),
        **{f"/web/{name}": _load(f"web/{name}", {"Cache-Control": "no-cache"}) for name in parts},
    }


def load_document_pages(folders: Mapping[str, tuple[str, ...]]) -> dict[str, StaticFile]:
    """Return the pages that show the API's description, and what belongs to them, by path.

    Args:
        folders: Of each page in `openapi/assets`, the files beside its `index.html`.
    """
    found: dict[str, StaticFile] = {}
    for folder, names in folders.items():
        path = f"openapi/assets/{folder}"
        found[f"/{folder}"] = _load(
            f"{path}/index.html", {"Content-Security-Policy": _DOCUMENT_POLICY}
        )
        for name in names:
            found[f"/{folder}/{name}"] = _load(f"{path}/{name}", {"Cache-Control": "max-age=3600"})
    return found


def _load(path: str, headers: dict[str, str]) -> StaticFile:
    media_type = _MEDIA_TYPES[PurePosixPath(path).suffix]
    return StaticFile(_FOLDER.joinpath(path).read_bytes(), media_type, headers)
