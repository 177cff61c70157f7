"""The routes of the page for people. All are public, since they say nothing about anybody."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Routes, route
from pisovereign.http.static_files import StaticFiles, send
from pisovereign.http.web_build import load_build, load_documents, load_parts
from pisovereign.languages import OTHERWISE, Language
from pisovereign.languages.detection import accepted_language

_BUILD = load_build()
_DOCUMENTS = load_documents(_BUILD)
_PARTS = load_parts(_BUILD)
# The closed list of what is served: the paths of all views, and the files that were built.
PAGE_PATHS = tuple(path for path in (_BUILD.paths if _BUILD else ()) if path != "/")
PART_PATHS = tuple(_PARTS)


class PageRoutes(Routes, tag="Page"):
    """The page over HTTP."""

    def __init__(self) -> None:
        self._parts = StaticFiles(_PARTS)

    @route(
        "GET",
        "/",
        operation_id="page",
        summary="The page",
        media_type="text/html",
        public=True,
    )
    async def page(self, req: Request, resp: Response) -> None:
        """Show the page, for people, in the language that their browser asks for.

        It shows nothing of anybody: it asks who is there and uses the other routes. Each of its
        views has a path of its own, at which the same document is.
        """
        await send(_DOCUMENTS[_language(req)], req, resp)
        resp.set_header("Content-Language", _language(req))

    async def part(self, req: Request, resp: Response) -> None:
        """Send a script, the style or the texts."""
        await self._parts.on_get(req, resp)


for _path in PAGE_PATHS:
    route("GET", _path, public=True, documented=False)(PageRoutes.page)
for _path in PART_PATHS:
    # A page that is opened asks for many of them at once, all from memory.
    route("GET", _path, public=True, unlimited=True, documented=False)(PageRoutes.part)


def _language(req: Request) -> Language:
    """Return the language of ours that the browser prefers; of a page not built, the only one."""
    preferred = accepted_language(req.get_header("Accept-Language"))
    return preferred if preferred in _DOCUMENTS else OTHERWISE
