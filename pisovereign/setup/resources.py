"""The set-up routes: thin, all rules are in the service."""

from __future__ import annotations

import falcon
import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import respond
from pisovereign.errors import InternalError, ServiceUnavailable, StartError, Unauthorized
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.setup.model_download import ModelDownload
from pisovereign.setup.service import SetupService
from pisovereign.setup.types import About, Answers, Claim, Done, ModelRequest, NewKey, Session

SESSION_HEADER = "X-Setup-Session"
# Deny by default: no other path exists before set-up is done.
PATHS = frozenset(
    (
        "/",
        "/health",
        "/ready",
        "/web/setup.js",
        "/web/style.css",
        "/setup/claim",
        "/setup/state",
        "/setup/about",
        "/setup/model",
        "/setup/key",
        "/setup/finish",
    )
)


class OnlySetup:
    """Middleware that refuses other paths, and requests for another host."""

    def __init__(self, names: AllowedHosts) -> None:
        self._names = names

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check the path and the host."""
        if req.path not in PATHS:
            raise ServiceUnavailable("This device is not set up yet; open its address in a browser")
        self._names.check(req)
        resp.set_header("Cache-Control", "no-store")


class _Resource:
    def __init__(self, service: SetupService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    def _check(self, req: falcon.asgi.Request) -> None:
        self._service.check(req.get_header(SESSION_HEADER) or "")


class ClaimResource(_Resource):
    """`POST /setup/claim`."""

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Exchange the code for a session."""
        claim = await self._bodies.read(req, Claim)
        respond(resp, Session(self._service.claim(claim.code)))


class StateResource(_Resource):
    """`GET /setup/state`."""

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Return the choices, and the progress of the download."""
        self._check(req)
        respond(resp, await self._service.state())


class AboutResource(_Resource):
    """`POST /setup/about`."""

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check what the first page asks for, so that it is corrected there."""
        self._check(req)
        await self._bodies.read(req, About)
        resp.status = falcon.HTTP_204


class ModelResource(_Resource):
    """`POST` and `DELETE /setup/model`."""

    def __init__(self, service: SetupService, bodies: BodyReader, download: ModelDownload) -> None:
        super().__init__(service, bodies)
        self._download = download

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Begin to fetch a model."""
        self._check(req)
        self._download.begin(await self._bodies.read(req, ModelRequest))
        resp.status = falcon.HTTP_202
        respond(resp, self._download.state)

    async def on_delete(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Stop the download."""
        self._check(req)
        await self._download.stop()
        resp.status = falcon.HTTP_204


class KeyResource(_Resource):
    """`POST /setup/key`."""

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check the answers, and return the new key."""
        self._check(req)
        answers = await self._bodies.read(req, Answers)
        resp.status = falcon.HTTP_201
        respond(resp, NewKey(self._service.make_key(answers)))


class FinishResource(_Resource):
    """`POST /setup/finish`."""

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Finish set-up, since the client has shown the key."""
        self._check(req)
        scheme, _, key = (req.get_header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized
        try:
            self._service.finish(key.strip())
        except StartError as error:
            raise InternalError(str(error)) from error
        respond(resp, Done())


class SetupHealthResource:
    """`GET /health`."""

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Report that the process is alive."""
        respond(resp, {"status": "ok"})


class SetupReadyResource:
    """`GET /ready`."""

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Report that set-up is required."""
        resp.status = falcon.HTTP_503
        respond(resp, {"status": "not_ready", "setup": "required"})
