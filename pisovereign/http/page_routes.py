"""The routes of the page for people. All are public, since they say nothing about anybody."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Routes, route
from pisovereign.errors import NotFound
from pisovereign.http.app_files import MANIFEST, WORKER, load_manifests
from pisovereign.http.static_files import StaticFiles, send
from pisovereign.http.web_build import load_build, load_documents, load_page_worker, load_parts
from pisovereign.languages.detection import accepted_language

_BUILD = load_build()
_PARTS = load_parts(_BUILD)
_WORKER, _VERSION = load_page_worker(_BUILD, _PARTS)
_DOCUMENTS = load_documents(_BUILD, _VERSION)
_MANIFESTS = load_manifests()
# The closed list of what is served: the paths of all views, and the files that were built.
PAGE_PATHS = tuple(path for path in (_BUILD.views if _BUILD else ()) if path != "/")
PART_PATHS = tuple(_PARTS)


class PageRoutes(Routes, tag="Page"):
    """The page over HTTP."""

    def __init__(self) -> None:
        self._parts = StaticFiles(_PARTS)

    @route(
        "GET",
        "/",
        summary="The page",
        media_type="text/html",
        public=True,
        # Programs that know Ollama look for life there.
        head=True,
    )
    async def page(self, req: Request, resp: Response) -> None:
        """Show the page, for people, in the language that their browser asks for.

        It shows nothing of anybody: it asks who is there and uses the other routes. Each of its
        views has a path of its own, at which the same document is.
        """
        assert req.uri_template is not None
        language = accepted_language(req.get_header("Accept-Language"))
        resp.set_header("Content-Language", language)
        await send(_DOCUMENTS[req.uri_template, language], req, resp)

    @route("GET", MANIFEST, public=True, documented=False)
    async def manifest(self, req: Request, resp: Response) -> None:
        """Send what a phone has to know to install the page as an app."""
        await send(_MANIFESTS[accepted_language(req.get_header("Accept-Language"))], req, resp)

    @route("GET", WORKER, public=True, unlimited=True, documented=False)
    async def worker(self, req: Request, resp: Response) -> None:
        """Send the service worker."""
        if _WORKER is None:
            raise NotFound("The page is not built")
        await send(_WORKER, req, resp)

    @route("POST", "/share", public=True, documented=False)
    async def share(self, req: Request, resp: Response) -> None:
        """Lead to the page: the service worker takes what is shared; without it, nothing does."""
        resp.status = 303
        resp.location = "/"

    async def part(self, req: Request, resp: Response) -> None:
        """Send a script, the style or the texts."""
        await self._parts.on_get(req, resp)


for _path in PAGE_PATHS:
    route("GET", _path, public=True, documented=False)(PageRoutes.page)
for _path in PART_PATHS:
    # A page that is opened asks for many of them at once, all from memory.
    route("GET", _path, public=True, unlimited=True, documented=False)(PageRoutes.part)
