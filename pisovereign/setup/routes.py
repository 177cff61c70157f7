"""The routes of set-up, and what may not be asked before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import PathResource, Routes, route
from pisovereign.errors import InternalError, ServiceUnavailable, StartError, Unauthorized
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.http.static_files import StaticFiles, send
from pisovereign.http.web_build import load_build, load_setup_documents, load_setup_parts
from pisovereign.languages.detection import accepted_language
from pisovereign.models.upload_types import UploadQuery, UploadState
from pisovereign.setup.model_download import ModelDownload
from pisovereign.setup.model_upload import ModelUpload
from pisovereign.setup.service import SetupService
from pisovereign.setup.types import (
    About,
    Answers,
    Claim,
    Done,
    DownloadState,
    ModelRequest,
    NewKey,
    Session,
    SetupState,
)

SESSION_HEADER = "X-Setup-Session"
UPLOAD_PATH = "/setup/upload"
_BUILD = load_build()
_DOCUMENTS = load_setup_documents(_BUILD)
_PARTS = load_setup_parts(_BUILD)


class SetupRoutes(Routes, tag="Set-up"):
    """Set-up over HTTP: what is not public needs the session. The API's document has none of it."""

    def __init__(
        self,
        service: SetupService,
        download: ModelDownload,
        upload: ModelUpload,
        pieces: BodyReader,
    ) -> None:
        self._service = service
        self._download = download
        self._upload = upload
        self._pieces = pieces
        self._parts = StaticFiles(_PARTS)

    @route("GET", "/", public=True, documented=False)
    async def page(self, req: Request, resp: Response) -> None:
        """Send the page, in the language that the browser asks for."""
        await send(_DOCUMENTS[accepted_language(req.get_header("Accept-Language"))], req, resp)
        resp.set_header("Cache-Control", "no-store")

    async def part_of_page(self, req: Request, resp: Response) -> None:
        """Send a script, the style or the texts of the page."""
        await self._parts.on_get(req, resp)

    @route("GET", "/health", public=True, unlimited=True, documented=False)
    async def health(self, req: Request, resp: Response) -> dict[str, str]:
        """Report that the process is alive."""
        return {"status": "ok"}

    @route("GET", "/ready", public=True, unlimited=True, documented=False, status=503)
    async def ready(self, req: Request, resp: Response) -> dict[str, str]:
        """Report that set-up is required."""
        return {"status": "not_ready", "setup": "required"}

    @route("POST", "/setup/claim", public=True, documented=False)
    async def claim(self, req: Request, resp: Response, body: Claim) -> Session:
        """Exchange the code for a session."""
        return Session(self._service.claim(body.code))

    @route("GET", "/setup/state", documented=False)
    async def state(self, req: Request, resp: Response) -> SetupState:
        """Return the choices, and the progress of the download."""
        return await self._service.state()

    @route("POST", "/setup/about", documented=False, status=204)
    async def about(self, req: Request, resp: Response, body: About) -> None:
        """Check what the first page asks for, so that it is corrected there."""

    @route("POST", "/setup/model", documented=False, status=202)
    async def fetch_model(
        self, req: Request, resp: Response, body: ModelRequest
    ) -> DownloadState | None:
        """Begin to fetch a model."""
        self._download.begin(body)
        return self._download.state

    @route("DELETE", "/setup/model", documented=False, status=204)
    async def stop_fetching(self, req: Request, resp: Response) -> None:
        """Stop the download."""
        await self._download.stop()

    @route("POST", UPLOAD_PATH, unlimited=True, raw_body=True, documented=False)
    async def upload_model(self, req: Request, resp: Response, query: UploadQuery) -> UploadState:
        """Take a piece of a model; with the last one it is there."""
        return await self._upload.take(query, await self._pieces.read_bytes(req))

    @route("POST", "/setup/key", documented=False, status=201)
    async def make_key(self, req: Request, resp: Response, body: Answers) -> NewKey:
        """Check the answers, and return the new key."""
        return NewKey(self._service.make_key(body))

    @route("POST", "/setup/finish", documented=False)
    async def finish(self, req: Request, resp: Response) -> Done:
        """Finish set-up, since the client has shown the key."""
        scheme, _, key = (req.get_header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized
        try:
            self._service.finish(key.strip())
        except StartError as error:
            raise InternalError(str(error)) from error
        return Done()


for _path in _PARTS:
    route("GET", _path, public=True, unlimited=True, documented=False)(SetupRoutes.part_of_page)


class OnlySetup:
    """Middleware that refuses other paths, requests for another host, and those without a session.

    Deny by default: a path without an entry does not exist before set-up is done.
    """

    def __init__(self, hosts: AllowedHosts, service: SetupService) -> None:
        self._hosts = hosts
        self._service = service
        self._paths = frozenset(entry.path for entry in SetupRoutes.entries())

    async def process_request(self, req: Request, resp: Response) -> None:
        """Check the path and the host."""
        if req.path not in self._paths:
            raise ServiceUnavailable("This device is not set up yet; open its address in a browser")
        self._hosts.check(req)
        resp.set_header("Cache-Control", "no-store")

    async def process_resource(
        self, req: Request, resp: Response, resource: PathResource, params: Mapping[str, Any]
    ) -> None:
        """Check the session."""
        if (entry := resource.entry(req.method)) and not entry.public:
            self._service.check(req.get_header(SESSION_HEADER) or "")
