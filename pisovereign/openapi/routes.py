"""The routes of the API's description, and of the pages that show it.

All are public, since they say nothing about anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Routes, route
from pisovereign.http.static_files import StaticFiles, load_document_pages

# Paths stay what they were when the files were the projects' own.
_BUNDLES = {
    "swagger-ui": {
        "swagger-ui.css": "swagger_style.css",
        "swagger-ui-bundle.js": "swagger_bundle.js",
    },
    "redoc": {"redoc.standalone.js": "redoc.js"},
}


class DocumentationRoutes(Routes, tag="Documentation"):
    """The description and the pages over HTTP.

    The description is made, and what shows it is read, when it is first asked for: few starts need
    that, and it takes megabytes.

    Args:
        render: Makes the description; called in a thread, because others are being served.
    """

    def __init__(self, render: Callable[[], bytes]) -> None:
        self._render = render
        self._document: bytes | None = None
        self._files: StaticFiles | None = None

    @route(
        "GET",
        "/api-docs/openapi.json",
        summary="This document",
        response=dict[str, Any],
        public=True,
    )
    @route("GET", "/openapi.json", public=True, documented=False)
    async def openapi(self, req: Request, resp: Response) -> None:
        """Show this API in OpenAPI 3.1, made of the structs that check requests.

        `pisovereign-cli openapi --output openapi.json` writes the same without a server.
        """
        document = self._document
        if document is None:
            # Two who ask at once make it twice, and the same.
            document = self._document = await asyncio.to_thread(self._render)
        resp.content_type = "application/json; charset=utf-8"
        resp.data = document

    @route(
        "GET",
        "/swagger-ui",
        summary="The API in Swagger UI",
        media_type="text/html",
        public=True,
    )
    async def swagger_ui(self, req: Request, resp: Response) -> None:
        """Show the API as a page to try it out: *Authorize* takes your key."""
        await self._send(req, resp)

    @route(
        "GET",
        "/redoc",
        summary="The API in ReDoc",
        media_type="text/html",
        public=True,
    )
    async def redoc(self, req: Request, resp: Response) -> None:
        """Show the API as a page to read."""
        await self._send(req, resp)

    @route("GET", "/docs", public=True, documented=False, status=302)
    async def docs(self, req: Request, resp: Response) -> None:
        """Lead to the page, from where other servers have it."""
        resp.set_header("Location", "/swagger-ui")

    @route("GET", "/favicon.ico", public=True, documented=False, status=204)
    async def favicon(self, req: Request, resp: Response) -> None:
        """Send nothing: browsers ask for it by themselves, and pages name their own icon."""
        resp.set_header("Cache-Control", "max-age=86400")

    @route("GET", "/swagger-ui/swagger-ui.css", public=True, documented=False)
    @route("GET", "/swagger-ui/swagger-ui-bundle.js", public=True, documented=False)
    @route("GET", "/swagger-ui/start.js", public=True, documented=False)
    @route("GET", "/redoc/redoc.standalone.js", public=True, documented=False)
    @route("GET", "/redoc/start.js", public=True, documented=False)
    async def part_of_page(self, req: Request, resp: Response) -> None:
        """Send a script or style that belongs to a page."""
        await self._send(req, resp)

    async def _send(self, req: Request, resp: Response) -> None:
        files = self._files
        if files is None:
            files = self._files = StaticFiles(
                await asyncio.to_thread(load_document_pages, _BUNDLES)
            )
        await files.on_get(req, resp)
