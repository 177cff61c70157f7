"""The route that gives people what is stored of them."""

from __future__ import annotations

import datetime as dt

from falcon.asgi import Request, Response

from pisovereign.accounts.export import PersonExport
from pisovereign.accounts.requests import caller_of
from pisovereign.asgi.routes import Routes, route

ZIP = "application/zip"


class ExportRoutes(Routes, tag="Signing in"):
    """The export over HTTP."""

    def __init__(self, export: PersonExport) -> None:
        self._export = export

    @route(
        "GET",
        "/v1/profile/export",
        summary="Take what is stored of you",
        errors=(403, 409),
        media_type=ZIP,
    )
    async def export_my_data(self, req: Request, resp: Response) -> None:
        """Send a zip file with all that is stored of you, made while it is sent.

        [The privacy page](privacy.md#taking-your-data) lists its files. Nobody gets somebody
        else's, also no owner. A program's key cannot do this: 403. It is 409 while another export
        of yours is being made. If it fails on the way, the file has no end, and cannot be opened.
        """
        caller = caller_of(req)
        caller.require_person()
        now = dt.datetime.now(dt.UTC)
        resp.stream = await self._export.start(caller, now)
        resp.content_type = ZIP
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Content-Type-Options", "nosniff")
        name = f"pisovereign-{now:%Y-%m-%d}.zip"
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
